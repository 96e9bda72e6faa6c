import { type CommandName, commandNames, commandOf } from "../commands.ts";
import { type OptionName, optionOf } from "../options.ts";

/** Completions for bash 4.4 or later. What a value is not known for is completed as a file's name. */
export function bash(): string {
  return `# bash completions for mayfly: eval "$(mayfly completion bash)"
_mayfly() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local offered=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    offered="${commandNames.join(" ")} --help --version"
  else
    case "\${COMP_WORDS[1]}:$before" in
${commandNames.flatMap(valueCases).join("\n")}
${commandNames.map(wordCase).join("\n")}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")
}
complete -o default -F _mayfly mayfly
`;
}

function valueCases(command: CommandName): string[] {
  return commandOf(command).options.flatMap((name) => {
    const { value, completes } = optionOf(name);
    if (value === undefined) return [];
    const offered = completes === undefined || completes === "path" ? "" : completes.join(" ");
    return `      ${spellings(name)
      .map((spelling) => `${command}:${spelling}`)
      .join(" | ")}) offered="${offered}" ;;`;
  });
}

function wordCase(command: CommandName): string {
  const { options, operand } = commandOf(command);
  const words = [...(operand?.completes ?? []), ...options.map((name) => `--${name}`)];
  return `      ${command}:*) offered="${words.join(" ")}" ;;`;
}

/** "--expires" and "-e". */
export function spellings(name: OptionName): string[] {
  const { short } = optionOf(name);
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}
