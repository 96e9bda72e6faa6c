/** Every option once: parsing, help and completions are made of this table. */
interface Option {
  /** What stands for its value in the help; an option without is a switch. */
  value?: string;
  short?: string;
  repeatable?: boolean;
  /** One sentence without a full stop; for the help. */
  help: string;
  /** What a shell offers for its value. */
  completes?: "path" | readonly string[];
}

export const options = {
  file: {
    value: "PATH",
    short: "f",
    repeatable: true,
    help: "a file to send instead of a text; may be given several times",
    completes: "path",
  },
  name: {
    value: "NAME",
    help: "send what is piped as a file of this name, byte for byte; with one --file: the name its recipient sees",
  },
  expires: {
    value: "TIME",
    short: "e",
    help: "how long it can be opened: 5m, 1h, 7d; the service's own default otherwise",
    completes: ["5m", "1h", "1d", "7d", "30d"],
  },
  reads: {
    value: "N",
    short: "r",
    help: "how many may open it, or unlimited; 1 otherwise",
    completes: ["1", "2", "5", "10", "unlimited"],
  },
  passphrase: { short: "p", help: "ask for a passphrase, twice, without showing it" },
  "passphrase-file": {
    value: "PATH",
    help: "the passphrase is in this file; one line end behind it does not count",
    completes: "path",
  },
  "passphrase-fd": {
    value: "N",
    help: "the passphrase comes from this open file descriptor; as above",
  },
  generate: {
    short: "g",
    help: "make a passphrase of five words (80 random bits), and print it on standard error",
  },
  qr: { help: "draw the link as a QR code on standard error, too" },
  output: {
    value: "PATH",
    short: "o",
    help: "write to this file, or into this folder (which exists, or ends with /); - is standard output",
    completes: "path",
  },
  yes: { short: "y", help: "do not ask whether to open, or to delete" },
  json: { help: "print the answer as one JSON object" },
  server: {
    value: "URL",
    short: "s",
    help: "the service, such as https://mayfly.example; before the link's own and MAYFLY_SERVER",
  },
  "insecure-http": {
    help: "allow plain http to other machines: anybody between can take the secret's place, or its link",
  },
  help: { short: "h", help: "show this" },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

/** The option as the table's general form. */
export function optionOf(name: OptionName): Option {
  return options[name];
}
