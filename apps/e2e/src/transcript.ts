/**
 * Transcripts: what is typed into a shell, and what comes of it, as text.
 *
 *     # said to the reader
 *     $ a line for bash
 *     < a line of its standard input (nothing is there without one)
 *     > a line of its standard output
 *     >- the line before had no line end
 *     ! a line of its standard error
 *     = its exit code (0 where none is told)
 *
 * `{link}`, `{manage}` and `{words}` stand for what such a thing looks like where they are met first, and for that very
 * thing ever after; `{link 2}` is another one. `{time}`, `{iso}`, `{number}` and `{any}` stand for anything of their kind.
 */

export interface Step {
  readonly command: string;
  readonly stdin: string | undefined;
  /** What comes of it, as lines of a transcript. */
  readonly expected: readonly string[];
}

const kept = ["link", "manage", "words"];
const kinds: Readonly<Record<string, string>> = {
  link: String.raw`https?://[\w.:-]+/s#[\w-]{72}`,
  manage: String.raw`https?://[\w.:-]+/m#[\w-]{72}`,
  words: "[a-z]{5}(?:-[a-z]{5}){4}",
  time: String.raw`\d{1,2} [A-Z][a-z]+ \d{4}[^()]*\d\d:\d\d UTC \(\d{4}-\d\d-\d\dT[\d:.]{12}Z\)`,
  iso: String.raw`\d{4}-\d\d-\d\dT[\d:.]{12}Z`,
  number: String.raw`\d+`,
  any: ".*",
};
const placeholder = /\{([a-z]+(?: \d+)?)\}/g;

/** The steps of a transcript. Throws for a line of no known kind. */
export function readTranscript(text: string): readonly Step[] {
  const steps: { command: string; stdin: string | undefined; expected: string[] }[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const step = steps.at(-1);
    const [, kind = "", rest = ""] = /^([$<>!=])-?(?: (.*))?$/.exec(line) ?? [];
    if (kind === "$") steps.push({ command: rest, stdin: undefined, expected: [] });
    else if (kind === "<" && step) step.stdin = `${step.stdin ?? ""}${rest}\n`;
    else if (kind !== "" && step) step.expected.push(line);
    else throw new Error(`no line of a transcript: ${line}`);
  }
  return steps.map((step) => ({ ...step, expected: inOrder(step.expected) }));
}

/** What came, as lines of a transcript. */
export function written(stdout: string, stderr: string, code: number): readonly string[] {
  const lines = (mark: string, text: string) =>
    text === ""
      ? []
      : text
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => (line === "" ? mark : `${mark} ${line}`));
  const open = stdout === "" || stdout.endsWith("\n") ? [] : [">-"];
  return inOrder([...lines(">", stdout), ...open, ...lines("!", stderr), `= ${code}`]);
}

/** Standard output first, then standard error, then the exit code, which is always there. */
function inOrder(lines: readonly string[]): string[] {
  const of = (mark: string) => lines.filter((line) => line.startsWith(mark));
  const code = of("=");
  return [...of(">"), ...of("!"), ...(code.length > 0 ? code : ["= 0"])];
}

/** What placeholders stand for. */
export class Meanings {
  readonly #known: Map<string, string>;

  constructor(known: Readonly<Record<string, string>>) {
    this.#known = new Map(Object.entries(known));
  }

  /** The text with the things in it that are known already. */
  filled(text: string): string {
    return text.replaceAll(placeholder, (whole, name) => this.#known.get(name) ?? whole);
  }

  /** The lines that came, with each one that is as it was expected replaced by what was expected. */
  recognised(came: readonly string[], expected: readonly string[]): readonly string[] {
    return came.map((line, index) => {
      const wanted = expected[index];
      return wanted !== undefined && this.#recognises(line, wanted) ? wanted : line;
    });
  }

  #recognises(line: string, wanted: string): boolean {
    const names: string[] = [];
    const pieces = this.filled(wanted).split(placeholder);
    const pattern = pieces.map((piece, index) => {
      if (index % 2 === 0) return piece.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      names.push(piece);
      return `(${kinds[piece.split(" ")[0] as string] ?? "(?!)"})`;
    });
    const found = new RegExp(`^${pattern.join("")}$`).exec(line);
    if (!found) return false;
    for (const [index, name] of names.entries())
      if (kept.includes(name.split(" ")[0] as string)) this.#known.set(name, found[index + 1] as string);
    return true;
  }
}
