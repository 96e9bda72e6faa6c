import { type Command, type CommandName, commandNames, commandOf } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { type OptionName, optionOf } from "./options.ts";

const width = 78;
const optionColumn = 26;

/** All of mayfly in one screen. */
export function generalHelp(version: string): string {
  return [
    `mayfly ${version}: send a password, a key or a file as a link that opens once`,
    "",
    "Usage",
    "  mayfly COMMAND [options]",
    "  mayfly COMMAND --help",
    "",
    "Commands",
    ...commandNames.map((name) => `  ${name.padEnd(14)}${commandOf(name).summary}`),
    "",
    ...wrapped(
      "The secret is encrypted on this machine; the key is only in the part of the link behind #, which is never sent to the service. Standard output carries the answer alone, everything else goes to standard error.",
      "",
    ),
    "",
    "Environment",
    ...entry("MAYFLY_SERVER", "the service, when neither --server nor a link names it", 23),
    ...entry("NODE_EXTRA_CA_CERTS", "a file of certificates to trust besides (of Node's own)", 23),
    "",
    "Exit codes",
    ...Object.values(exitCodes).flatMap(({ code, means }) => entry(String(code).padStart(3), means, 7)),
    "",
  ].join("\n");
}

/** One command, with its options. */
export function commandHelp(name: CommandName): string {
  const { summary, usage, about, options, examples }: Command = commandOf(name);
  return [
    `mayfly ${name}: ${summary}`,
    "",
    "Usage",
    ...usage.map((line) => `  ${line}`),
    ...about.flatMap((paragraph) => ["", ...wrapped(paragraph, "")]),
    "",
    "Options",
    ...options.flatMap((option) => entry(written(option), optionOf(option).help, optionColumn)),
    ...(examples.length > 0 ? ["", "Examples", ...examples.map((example) => `  ${example}`)] : []),
    "",
  ].join("\n");
}

function written(name: OptionName): string {
  const { value, short } = optionOf(name);
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** A term, and what it means beside it, from `column` on. */
function entry(term: string, means: string, column: number): string[] {
  const [first = "", ...rest] = wrapped(means, " ".repeat(column));
  const head = `  ${term}`;
  return head.length < column ? [head.padEnd(column) + first.trimStart(), ...rest] : [head, first, ...rest];
}

/** The words in lines of at most `width` characters, each behind `indent`. */
export function wrapped(words: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
