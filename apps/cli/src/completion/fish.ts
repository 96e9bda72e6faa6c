import { type CommandName, commandNames, commandOf } from "../commands.ts";
import { optionOf } from "../options.ts";

/** Completions for fish. */
export function fish(): string {
  const lines = commandNames.flatMap((name) => [
    `complete -c mayfly -n __fish_use_subcommand -a ${name} -d ${quoted(commandOf(name).summary)}`,
    ...commandLines(name),
  ]);
  return `# fish completions for mayfly\ncomplete -c mayfly -f\n${lines.join("\n")}\n`;
}

function commandLines(command: CommandName): string[] {
  const { options, operand } = commandOf(command);
  const behind = `complete -c mayfly -n '__fish_seen_subcommand_from ${command}'`;
  const lines = options.map((name) => {
    const { value, short, help, completes } = optionOf(name);
    const letter = short === undefined ? "" : ` -s ${short}`;
    const offered = completes === "path" ? " -r -F" : completes ? ` -x -a '${completes.join(" ")}'` : " -x";
    return `${behind} -l ${name}${letter}${value === undefined ? "" : offered} -d ${quoted(help)}`;
  });
  return operand?.completes ? [...lines, `${behind} -a '${operand.completes.join(" ")}'`] : lines;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
