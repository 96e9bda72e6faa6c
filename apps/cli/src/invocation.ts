import { parseArgs } from "node:util";
import { type CommandName, commandNames, commandOf } from "./commands.ts";
import { Fault } from "./fault.ts";
import { type OptionName, optionOf } from "./options.ts";

/** A command line that can be obeyed. */
export class Invocation {
  readonly command: CommandName;
  /** What stood behind the command beside options, or undefined. */
  readonly operand: string | undefined;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    command: CommandName,
    operand: string | undefined,
    values: ReadonlyMap<string, readonly string[]>,
  ) {
    this.command = command;
    this.operand = operand;
    this.#values = values;
  }

  has(name: OptionName): boolean {
    return this.#values.has(name);
  }

  /** The option's value, or undefined when it was not given. */
  value(name: OptionName): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** All its values, in order. */
  values(name: OptionName): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

const noArgument =
  "A secret is not taken as an argument: those are seen in the list of processes and kept in the shell's history. Pipe it in, use --file, or type it when asked. Take what stood there for seen.";

/**
 * Reads a command line, without node and the script's name. Throws Fault "usage"; its sentence tells the place of what
 * is wrong, and never the thing itself, which may be a secret that has slipped.
 */
export function parseInvocation(argv: readonly string[]): Invocation {
  const [first, ...rest] = argv;
  if (first === undefined || first === "--help" || first === "-h") return invocation("help");
  const command = commandNames.find((name) => name === first);
  if (command === undefined) throw usage(`There is no such command. mayfly help lists them.`);
  const { options: names, operand } = commandOf(command);

  const { tokens } = parseArgs({
    args: rest,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      names.map((name) => {
        const { value, short } = optionOf(name);
        const type = value === undefined ? ("boolean" as const) : ("string" as const);
        return [name, { type, ...(short !== undefined && { short }) }];
      }),
    ),
  });

  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const name = names.find((known) => known === token.name);
    if (name === undefined) throw usage(`Argument ${token.index + 2} is no option of ${command}.`);
    const { value: wanted, repeatable } = optionOf(name);
    if (wanted === undefined && token.value !== undefined) throw usage(takesNone(name));
    if (wanted !== undefined && !isValue(token)) throw usage(`--${name} needs a value: ${wanted}.`);
    const before = values.get(name) ?? [];
    if (before.length > 0 && !repeatable) throw usage(`--${name} was given twice.`);
    values.set(name, [...before, token.value ?? ""]);
  }
  if (values.has("help")) return new Invocation("help", command, new Map());
  if (operand === undefined && operands.length > 0)
    throw usage(command === "protect" ? noArgument : `${command} takes no argument.`);
  if (operands.length > 1) throw usage(`${command} takes one ${operand?.name}.`);
  return new Invocation(command, operands[0], values);
}

function invocation(command: CommandName): Invocation {
  return new Invocation(command, undefined, new Map());
}

/** The next option is no value: it was forgotten. A lone hyphen is one. */
function isValue({ value, inlineValue }: { value?: string | undefined; inlineValue?: boolean | undefined }) {
  return value !== undefined && (inlineValue === true || value === "-" || !value.startsWith("-"));
}

function takesNone(name: OptionName): string {
  return name === "passphrase"
    ? "--passphrase takes no value: it asks. See --passphrase-file and --passphrase-fd. Take what stood there for seen."
    : `--${name} takes no value.`;
}

function usage(sentence: string): Fault {
  return new Fault("usage", sentence);
}
