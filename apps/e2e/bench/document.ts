/** `node apps/e2e/bench/document.ts`: writes the kept figures into README.md and FIGURES.md, and formats what it wrote. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Figures, machineLine, table } from "./report.ts";
import { summary } from "./summary.ts";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const KEPT = file("generated/figures.json");
export const README = file("../../../README.md");
export const TABLES = file("FIGURES.md");

const BEGIN = "<!-- figures: written by `pnpm bench --record` -->\n";
const END = "<!-- /figures -->\n";

/** null: none were ever recorded. */
export function keptFigures(): Figures | null {
  return existsSync(KEPT) ? (JSON.parse(readFileSync(KEPT, "utf8")) as Figures) : null;
}

const NONE =
  "Not measured yet: `pnpm bench --record` does, in some eight minutes on a machine that does nothing else.\n";

/** The README's text with its figures replaced. Throws when it has no place for them. */
export function withFigures(readme: string, figures: Figures | null): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error("README.md has no place for the figures");
  return `${readme.slice(0, begin + BEGIN.length)}\n${figures === null ? NONE : summary(figures)}\n${readme.slice(end)}`;
}

/** Every figure, a table for each part: FIGURES.md. */
export function allTables(figures: Figures): string {
  const parts = figures.parts.map((part) =>
    [`## ${part.title}`, "", ...part.notes.map((note) => `${note}\n`), ...table(part), ""].join("\n"),
  );
  return `# Figures\n\nWritten by \`pnpm bench --record\`. ${machineLine(figures)}\n\n${parts.join("\n")}`;
}

export function writeDocuments(): void {
  const figures = keptFigures();
  writeFileSync(README, withFigures(readFileSync(README, "utf8"), figures));
  const written = [README, TABLES, KEPT];
  if (figures !== null) writeFileSync(TABLES, allTables(figures));
  else for (const path of [TABLES, KEPT]) rmSync(path, { force: true });
  execFileSync(
    file("../../../node_modules/.bin/biome"),
    ["format", "--write", ...written.filter(existsSync)],
    {
      cwd: file("../../../"),
      stdio: "ignore",
    },
  );
}

if (import.meta.main) writeDocuments();
