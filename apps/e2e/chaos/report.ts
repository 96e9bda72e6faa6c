/** A run in plain text, for people. */
import type { Call, Outcome } from "./history.ts";
import { ruleNames, type Violation } from "./model.ts";
import type { RunResult } from "./run.ts";

const SHOWN = 20;

export function report(result: RunResult): string[] {
  const { deployment, seed, milliseconds, history, violations, notAsPlanned } = result;
  return [
    `deployment ${deployment}, seed ${seed}, ${(milliseconds / 1000).toFixed(0)} s, ${history.secrets.length} secrets, ${history.calls.length} calls`,
    "",
    "calls",
    ...table(
      tally(
        history.calls,
        ({ kind, showing }) => (showing === "right" ? kind : `${kind}, ${showing}`),
        ({ outcome }) => nameOf(outcome),
      ),
    ),
    "",
    "faults",
    ...table(
      tally(
        history.faults,
        ({ kind }) => kind,
        () => "times",
      ),
    ),
    ...[...new Set(notAsPlanned)].map((line) => `  not as planned: ${line}`),
    "",
    `violations: ${violations.length}`,
    ...violations.slice(0, SHOWN).flatMap(described),
    ...(violations.length > SHOWN ? [`  and ${violations.length - SHOWN} more`] : []),
  ];
}

/** What every run can be compared by, as JSON: no history, which has the violations' calls only. */
export function summary(result: RunResult): object {
  const { history, violations, ...rest } = result;
  return {
    ...rest,
    secrets: history.secrets.length,
    calls: tally(
      history.calls,
      ({ kind }) => kind,
      ({ outcome }) => nameOf(outcome),
    ),
    faults: history.faults,
    violations,
  };
}

function described({ rule, secret, sentence, proof }: Violation): string[] {
  return [
    `  [${rule}] ${ruleNames[rule]}`,
    `    secret ${secret ?? "?"}: ${sentence}`,
    ...proof.map((call) => `      ${line(call)}`),
  ];
}

function line(call: Call): string {
  const { number, kind, by, claim, part, invokedAt, completedAt, outcome } = call;
  const what = [kind, part === undefined ? "" : `part ${part}`, `by ${by}`, claim ? `claim ${claim}` : ""];
  return `#${number} ${what.filter(Boolean).join(" ")} ${invokedAt.toFixed(0)}…${completedAt.toFixed(0)} ms: ${JSON.stringify(outcome)}`;
}

function nameOf(outcome: Outcome): string {
  if (outcome.is === "problem") return outcome.state ? `gone ${outcome.state}` : outcome.code;
  return outcome.is;
}

type Tally = Record<string, Record<string, number>>;

function tally<T>(things: readonly T[], row: (thing: T) => string, column: (thing: T) => string): Tally {
  const rows: Tally = {};
  for (const thing of things) {
    const name = row(thing);
    const columns = rows[name] ?? {};
    rows[name] = columns;
    columns[column(thing)] = (columns[column(thing)] ?? 0) + 1;
  }
  return rows;
}

function table(rows: Tally): string[] {
  const width = Math.max(0, ...Object.keys(rows).map((row) => row.length));
  return Object.entries(rows)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([row, columns]) => {
      const cells = Object.entries(columns).sort(([, a], [, b]) => b - a);
      return `  ${row.padEnd(width)}  ${cells.map(([name, count]) => `${name} ${count}`).join(", ")}`;
    });
}
