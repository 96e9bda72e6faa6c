import { openSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { ReadStream, WriteStream } from "node:tty";
import type { Exit } from "../exit-codes.ts";
import { Fault, Stopped } from "../fault.ts";
import type { Io } from "../io.ts";
import { TypedText } from "./typed-text.ts";

export interface Asking {
  /** Show what is typed. Nothing is shown otherwise, not even how much of it there is. */
  visible?: boolean;
  /** By default one line; "lines" ends with Ctrl-D. */
  until?: "line" | "lines";
}

/** Somebody who can be asked. What is piped is no answer: then it is the terminal behind the pipe that is asked. */
export interface Terminal {
  /** Whether there is anybody. */
  isThere(): boolean;
  /** What was typed, without its Enter. Throws Stopped for Ctrl-C, or the signal's reason. Only where somebody is. */
  ask(prompt: string, asking?: Asking): Promise<string>;
  /** Whether the question was answered with yes; anything else is no. */
  agrees(question: string): Promise<boolean>;
  close(): void;
}

/** The terminal that the command was started on; nothing is opened before it is needed. */
export function createTerminal({ stdin, stderr, signal }: Io): Terminal {
  let device: Device | null | undefined;
  const behind = () => {
    device ??= openDevice();
    return device;
  };
  const ask = async (prompt: string, asking: Asking = {}) => {
    const input = stdin.isTTY ? stdin : behind()?.input;
    const output = stderr.isTTY ? stderr : behind()?.output;
    if (!input || !output) throw new Fault("usage", "There is no terminal to ask on.");
    output.write(prompt);
    return typed(input, output, asking, signal);
  };
  return {
    isThere: () => (stdin.isTTY && stderr.isTTY) || behind() !== null,
    ask,
    agrees: async (question) =>
      /^y(?:es)?$/i.test((await ask(`${question} [y/N] `, { visible: true })).trim()),
    close: () => device?.close(),
  };
}

/** Throws a Fault, "usage" unless told otherwise, where nobody can be asked; `instead` says what to give then. */
export function demandTerminal(terminal: Terminal, instead: string, exit: Exit = "usage"): void {
  if (!terminal.isThere()) throw new Fault(exit, `There is no terminal to ask on: ${instead}`);
}

interface Device {
  input: ReadStream;
  output: WriteStream;
  close(): void;
}

/** The terminal of the session, wherever the standard streams lead; null when there is none. */
function openDevice(): Device | null {
  let descriptors: [number, number];
  try {
    const reading = openSync("/dev/tty", "r");
    descriptors = [reading, openSync("/dev/tty", "w")];
  } catch {
    return null;
  }
  const input = new ReadStream(descriptors[0]);
  const output = new WriteStream(descriptors[1]);
  return {
    input,
    output,
    close() {
      input.destroy();
      output.destroy();
    },
  };
}

function typed(
  input: ReadStream | NodeJS.ReadStream,
  output: WriteStream | NodeJS.WriteStream,
  { visible = false, until = "line" }: Asking,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = new TypedText(until);
    const decoder = new StringDecoder("utf8");
    const leave = (settle: () => void) => {
      input.off("data", take).off("end", end).off("error", end);
      signal.removeEventListener("abort", stop);
      input.setRawMode(false);
      input.pause();
      settle();
    };
    const stop = () => leave(() => reject(signal.reason));
    const end = () => leave(() => reject(new Stopped()));
    const take = (bytes: Buffer) => {
      const keys = text.take(decoder.write(bytes));
      const endOfLine = keys.end === undefined ? "" : "\n";
      output.write(visible ? keys.echo : endOfLine);
      if (keys.end === "entered") leave(() => resolve(text.text));
      if (keys.end === "stopped") end();
    };
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    input.setRawMode(true);
    input.on("data", take).on("end", end).on("error", end);
    input.resume();
  });
}
