/** The few lines of README.md, out of all figures. */
import { missed } from "./figure.ts";
import { type Figures, rounded } from "./report.ts";

/** What stands in one cell: names of the part and of the thing told, and what the subject ends with. */
type Source = readonly [part: string, what: string, size?: string];

interface Row {
  readonly label: string;
  /** The words between the figures are the row's own. */
  readonly text: (of: (...source: Source) => string) => string;
}

/** Stands behind a figure that missed its target until the whole cell is written. */
const MARK = "\0";

function marked(cell: string): string {
  return cell.includes(MARK) ? `${cell.replaceAll(MARK, "")}, **target missed**` : cell;
}

const byStore: readonly Row[] = [
  {
    label: "CPU of one lifecycle",
    text: (of) => of("lifecycle", "CPU", "1 KiB"),
  },
  {
    label: "the same, to that of the floor",
    text: (of) => of("lifecycle", "ratio", "1 KiB"),
  },
  {
    label: "99 % of requests at half load",
    text: (of) => `within ${of("latency", "p99", "1 KiB")}`,
  },
  { label: "one stored secret", text: (of) => of("memory", "stored", "1 KiB") },
];

/** The README's section, Markdown. Throws when a figure is missing, as after a run of some parts only. */
export function summary(figures: Figures): string {
  const of =
    (subject: string) =>
    (part: string, what: string, size?: string): string => {
      const wanted = size === undefined ? subject : `${subject}, ${size}`;
      const figure = figures.parts
        .find(({ name }) => name === part)
        ?.figures.find((each) => each.subject === wanted && each.what === what);
      if (figure === undefined) throw new Error(`no figure of ${part}: ${wanted}, ${what}`);
      return `${rounded(figure.value)} ${figure.unit}${missed(figure) ? MARK : ""}`;
    };
  return [
    `A secret of 1 KiB, rate limits on, ${figures.machine.cores} cores:`,
    "",
    "| | SQLite | Redis |",
    "|---|--:|--:|",
    ...byStore.map(
      ({ label, text }) => `| ${label} | ${marked(text(of("SQLite")))} | ${marked(text(of("Redis")))} |`,
    ),
    "",
    "The floor is bare Fastify with the same four requests and one plain store command for each.",
    "[FIGURES.md](apps/e2e/bench/FIGURES.md) has all figures, the machine and the day;",
    "[apps/e2e/bench/README.md](apps/e2e/bench/README.md) says how they are measured.",
    "",
  ].join("\n");
}
