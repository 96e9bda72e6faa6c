import { type Figure, missed } from "./figure.ts";
import type { Machine } from "./machine.ts";

/** What a run has measured; the JSON file is one. */
export interface Figures {
  /** ISO 8601, the day in UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly parts: readonly PartFigures[];
}

export interface PartFigures {
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
}

/** As it is kept: six digits at most, and a line for each figure. */
export function jsonOf(figures: Figures): string {
  const short = (_key: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value;
  const lines = (part: PartFigures) =>
    part.figures.map((figure) => `\n        ${JSON.stringify(figure, short)}`);
  const text = figures.parts.map(
    (part) =>
      `{\n      "name": ${JSON.stringify(part.name)},\n      "title": ${JSON.stringify(part.title)},\n      "notes": ${JSON.stringify(part.notes)},\n      "figures": [${lines(part)}\n      ]\n    }`,
  );
  const { date, machine } = figures;
  return `{\n  "date": "${date}",\n  "machine": ${JSON.stringify(machine, null, 2)},\n  "parts": [${text.join(", ")}]\n}\n`;
}

/** One line about the machine. */
export function machineLine({ date, machine }: Figures): string {
  const { processor, cores, memoryGiB, system, fileSystem, node, redis } = machine;
  return `${date}, ${cores} cores (${processor}), ${memoryGiB} GiB, ${system}, ${fileSystem}, Node ${node}, Redis ${redis}.`;
}

/** A part as a table in Markdown: a line for each subject, a column for each thing told. A missed target is marked. */
export function table({ figures }: PartFigures): readonly string[] {
  const columns = [...new Set(figures.map(({ what }) => what))];
  const subjects = [...new Set(figures.map(({ subject }) => subject))];
  const cell = (subject: string, what: string) => {
    const figure = figures.find((each) => each.subject === subject && each.what === what);
    return figure === undefined ? "" : figureText(figure);
  };
  return [
    `| | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "--:|").join("")}`,
    ...subjects.map(
      (subject) => `| ${subject} | ${columns.map((what) => cell(subject, what)).join(" | ")} |`,
    ),
  ];
}

/** `1.32 × (1.28 … 1.35), at most 1.5` */
export function figureText(figure: Figure): string {
  const { value, unit, range, most } = figure;
  const spread =
    range === undefined || range[0] === range[1] ? "" : ` (${rounded(range[0])} … ${rounded(range[1])})`;
  const target =
    most === undefined ? "" : `, ${missed(figure) ? "**missed:** " : ""}at most ${rounded(most)}`;
  return `${rounded(value)} ${unit}${spread}${target}`;
}

/** Three digits that mean something, and a comma for the thousands. */
export function rounded(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "–";
  if (size >= 1000) return Math.round(value).toLocaleString("en-GB");
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
