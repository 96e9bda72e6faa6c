import type { OptionName } from "./options.ts";

/** One subcommand, as it is parsed, explained and completed. */
export interface Command {
  summary: string;
  /** Ways to write it, without the options. */
  usage: readonly string[];
  /** What may stand behind it beside options; absent: nothing may. */
  operand?: { name: string; completes?: readonly string[] };
  options: readonly OptionName[];
  /** Paragraphs for its help. */
  about: readonly string[];
  examples: readonly string[];
}

const reaching = ["server", "insecure-http", "help"] as const;

export const commands = {
  protect: {
    summary: "seal a secret here, and print the link that opens it",
    usage: ["mayfly protect [options]", "mayfly protect [options] --file PATH…"],
    options: [
      "file",
      "name",
      "expires",
      "reads",
      "passphrase",
      "passphrase-file",
      "passphrase-fd",
      "generate",
      "qr",
      "json",
      ...reaching,
    ],
    about: [
      "The secret is what is piped in, or the files, or what is typed when asked. It is never an argument: arguments are seen in the list of processes, and kept in the shell's history.",
      "Of a piped text of one line the line end is not part of the secret; a text of several lines is kept byte for byte. What is no UTF-8 text goes as a file: see --name.",
      "Standard output carries the link alone. The manage link, which shows whether the secret was opened and deletes it, stands on standard error: keep it to yourself.",
    ],
    examples: [
      "pass show db/root | mayfly protect --expires 1h",
      "mayfly protect --file report.pdf --file data.csv --generate",
      "tar c folder | mayfly protect --name folder.tar --reads 3",
      "mayfly protect --json < id_ed25519 | jq -r .link",
    ],
  },
  open: {
    summary: "take one read of a secret, and print or save it",
    usage: ["mayfly open [options] < LINK", "mayfly open [options] LINK"],
    operand: { name: "LINK" },
    options: ["output", "yes", "passphrase-file", "passphrase-fd", "json", ...reaching],
    about: [
      "The link comes piped, or is typed when asked; as an argument it can be seen in the list of processes while mayfly runs. Links that gateways and chats have damaged are repaired as far as the page does it.",
      "Opening uses up one read, so a question comes first when standard input or output is a terminal. Only when the secret has verified and is written is the service told to destroy it.",
      "A text goes to standard output, as it is; on a terminal its control characters are shown, not obeyed. A single file goes there too unless that is a terminal. Other files go into the folder of --output, or else into the current one, under names made harmless, readable by you alone. An existing file is never replaced without a question; a file whose name is taken gets a number.",
    ],
    examples: [
      "wl-paste | mayfly open",
      "mayfly open --output report.pdf < link.txt",
      "mayfly open --yes --passphrase-fd 3 3< words.txt < link.txt | psql",
    ],
  },
  status: {
    summary: "tell where a secret is in its life; changes nothing",
    usage: ["mayfly status [options] < LINK", "mayfly status [options] LINK"],
    operand: { name: "LINK" },
    options: ["json", ...reaching],
    about: ["Takes the manage link, or the recipient's, from where open takes it. No read is used up."],
    examples: ["mayfly status --json < manage-link.txt | jq -r .state"],
  },
  burn: {
    summary: "destroy a secret",
    usage: ["mayfly burn [options] < MANAGE-LINK", "mayfly burn [options] MANAGE-LINK"],
    operand: { name: "MANAGE-LINK" },
    options: ["yes", "json", ...reaching],
    about: ["Nobody can open it afterwards. To burn what is gone already is no fault."],
    examples: ["mayfly burn --yes < manage-link.txt"],
  },
  service: {
    summary: "tell whether the service accepts secrets, and its limits",
    usage: ["mayfly service [options]"],
    options: ["json", ...reaching],
    about: ["Exits with 6 when the service is halted."],
    examples: ["mayfly service --server https://mayfly.example"],
  },
  completion: {
    summary: "print completions for a shell",
    usage: ["mayfly completion bash|zsh|fish"],
    operand: { name: "SHELL", completes: ["bash", "zsh", "fish"] },
    options: ["help"],
    about: ["Load them from the shell's start-up file, or keep them where the shell looks for them."],
    examples: [
      'eval "$(mayfly completion bash)"',
      "mayfly completion zsh > ~/.zfunc/_mayfly",
      "mayfly completion fish > ~/.config/fish/completions/mayfly.fish",
    ],
  },
  help: {
    summary: "explain mayfly, or one of its commands",
    usage: ["mayfly help [COMMAND]"],
    operand: {
      name: "COMMAND",
      completes: ["protect", "open", "status", "burn", "service", "completion"],
    },
    options: ["help"],
    about: [],
    examples: [],
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

export const commandNames = Object.keys(commands) as CommandName[];

/** The command as the table's general form. */
export function commandOf(name: CommandName): Command {
  return commands[name];
}
