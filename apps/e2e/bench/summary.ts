/** The few lines of README.md, out of all figures. */
import { missed } from "./figure.ts";
import { type Figures, machineLine, rounded } from "./report.ts";

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
  ...(["1 KiB", "64 KiB"] as const).flatMap((size): Row[] => [
    {
      label: `CPU of one lifecycle, ${size}`,
      text: (of) => `${of("lifecycle", "CPU", size)}, ${of("lifecycle", "ratio", size)} the floor`,
    },
  ]),
  ...(["1 KiB", "64 KiB"] as const).map((size) => ({
    label: `what rate limits add to it, ${size}`,
    text: (of: (...source: Source) => string) => of("lifecycle", "cost of rate limits", size),
  })),
  {
    label: "lifecycles of one API process, 1 KiB",
    text: (of) => of("lifecycle", "lifecycles", "1 KiB"),
  },
  ...(["1 KiB", "64 KiB"] as const).map((size) => ({
    label: `a request at half load, ${size}: p50, p99`,
    text: (of: (...source: Source) => string) =>
      `${of("latency", "p50", size)}, ${of("latency", "p99", size)}`,
  })),
  ...(["1 KiB", "64 KiB"] as const).map((size) => ({
    label: `one stored secret, ${size}`,
    text: (of: (...source: Source) => string) => of("memory", "stored", size),
  })),
  {
    label: "after 100,000 lifecycles: heap, store",
    text: (of) => `${of("endurance", "heap more")}, ${of("endurance", "store, left behind")} more`,
  },
  { label: "a tombstone", text: (of) => of("endurance", "one tombstone") },
  {
    label: "a sweep of 1,000 expired secrets: time, CPU",
    text: (of) => `${of("sweep", "time")}, ${of("sweep", "CPU")}`,
  },
  { label: "a start of the API", text: (of) => of("start-up", "again") },
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
  const [sealing, send, open] = [of("1 MiB"), of("to send"), of("to open a link")];
  return [
    machineLine(figures),
    "",
    "| | SQLite | Redis |",
    "|---|--:|--:|",
    ...byStore.map(
      ({ label, text }) => `| ${label} | ${marked(text(of("SQLite")))} | ${marked(text(of("Redis")))} |`,
    ),
    "",
    `Sealing 1 MiB: ${sealing("sealing", "seal")}, ${sealing("sealing", "seal of bare")} of bare tweetnacl; opening: ${sealing("sealing", "open")}, ${sealing("sealing", "open of bare")}. ` +
      `The page: ${send("page", "all")} to send, ${open("page", "all")} to open a link.`,
    "",
  ].join("\n");
}
