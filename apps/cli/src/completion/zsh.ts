import { type CommandName, commandNames, commandOf } from "../commands.ts";
import { type OptionName, optionOf } from "../options.ts";
import { spellings } from "./bash.ts";

/** Completions for zsh: as a file `_mayfly` in the function path, or evaluated behind compinit. */
export function zsh(): string {
  return `#compdef mayfly
# zsh completions for mayfly
_mayfly() {
  local -a commands
  commands=(
${commandNames.map((name) => `    ${quoted(`${name}:${commandOf(name).summary}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${commandNames.map(commandCase).join("\n")}
  esac
}
if [ "\${funcstack[1]}" = _mayfly ]; then
  _mayfly "$@"
else
  compdef _mayfly mayfly
fi
`;
}

function commandCase(command: CommandName): string {
  const { options, operand } = commandOf(command);
  const words = options.flatMap(optionWords);
  if (operand)
    words.push(quoted(`1:${operand.name}:${operand.completes ? `(${operand.completes.join(" ")})` : ""}`));
  return `    ${command})\n      _arguments -s -S ${words.map((word) => `\\\n        ${word}`).join(" ")}\n      ;;`;
}

function optionWords(name: OptionName): string[] {
  const { value, repeatable, help, completes } = optionOf(name);
  const told = help.replaceAll(/[[\]:]/g, "\\$&");
  const offered = completes === undefined ? "" : completes === "path" ? "_files" : `(${completes.join(" ")})`;
  const behind = value === undefined ? "" : `:${value}:${offered}`;
  const written = spellings(name);
  const exclusion = repeatable ? "*" : written.length > 1 ? `(${written.join(" ")})` : "";
  return written.map((spelling) => quoted(`${exclusion}${spelling}[${told}]${behind}`));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
