import type { Fuzzed } from "./run.ts";

/** How many requests were answered how: a line for each operation, a column for each status; then every fault. */
export function report({ requests, counts, faults }: Fuzzed): string[] {
  const statuses = [...new Set([...counts.values()].flatMap((row) => [...row.keys()]))].sort(
    (one, two) => one - two,
  );
  const heads = ["operation", ...statuses.map((status) => (status === 0 ? "none" : String(status))), "all"];
  const rows = [...counts]
    .sort(([one], [two]) => one.localeCompare(two))
    .map(([name, row]) =>
      [name, ...statuses.map((status) => row.get(status) ?? 0), sum(row.values())].map(String),
    );
  const totals = [
    "all",
    ...statuses.map((status) => sum([...counts.values()].map((row) => row.get(status) ?? 0))),
    requests,
  ].map(String);
  const table = [heads, ...rows, totals];
  const widths = heads.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return [
    ...table.map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    ),
    ...faults.flatMap(({ operation, what, seed, request, answer }) => [
      `FAULT ${operation}: ${what} (seed ${seed})`,
      `  asked ${request}`,
      `  heard ${answer}`,
    ]),
  ];
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((all, each) => all + each, 0);
}
