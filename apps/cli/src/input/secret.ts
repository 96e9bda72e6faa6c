import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type FileSource, filesSecret, type SecretSource, textSecret } from "@mayfly/client";
import { ENVELOPE_BYTES } from "@mayfly/wire";
import { Fault } from "../fault.ts";
import type { Invocation } from "../invocation.ts";
import { type Io, isTyped } from "../io.ts";
import { readAll, textIn, withoutLineEnd } from "./bytes.ts";
import { demandTerminal, type Terminal } from "./terminal.ts";

/** Refuses what does not go together, before anything is read or asked. */
export function checkSecretOptions(invocation: Invocation): void {
  const files = invocation.values("file");
  if (files.includes("-"))
    throw new Fault("usage", "To send what is piped as a file, leave --file out and give it a --name.");
  if (invocation.has("name") && files.length > 1)
    throw new Fault("usage", "--name goes with what is piped, or with one --file.");
}

/** The secret: files, or what is piped in, or what is typed when asked. Throws Fault "usage" when there is nothing. */
export async function secretGiven(invocation: Invocation, io: Io, terminal: Terminal): Promise<SecretSource> {
  const paths = invocation.values("file");
  const name = invocation.value("name");
  if (paths.length > 0)
    return filesSecret(
      await Promise.all(paths.map((path, index) => fileAt(path, name ?? basename(path), index + 1, io))),
    );
  const bytes = isTyped(io)
    ? Buffer.from(await typedSecret(terminal))
    : await readAll(io.stdin, ENVELOPE_BYTES.max, io.signal);
  if (bytes.length === 0) throw new Fault("usage", "There is nothing to protect: what was given is empty.");
  if (name !== undefined) return filesSecret([heldFile(name, bytes)]);
  const text = textIn(bytes);
  if (text === null)
    throw new Fault("usage", "What was piped in is no UTF-8 text. To send it as a file, give it a --name.");
  return textSecret(pipedText(text));
}

/** Of one line the line end is the pipe's and not the secret's; several lines are kept as they are. */
function pipedText(text: string): string {
  const line = withoutLineEnd(text);
  return /[\r\n]/.test(line) || line === "" ? text : line;
}

async function typedSecret(terminal: Terminal): Promise<string> {
  demandTerminal(terminal, "pipe the secret in, or use --file.");
  return terminal.ask("Type or paste the secret; it is not shown. Ctrl-D ends it, Ctrl-C gives up.\n", {
    until: "lines",
  });
}

async function fileAt(path: string, name: string, place: number, { signal }: Io): Promise<FileSource> {
  try {
    const found = await stat(path);
    if (found.isDirectory())
      throw new Fault("usage", `--file number ${place} is a folder: pack it into one file first.`);
    // Of a pipe only reading it tells how much there is.
    if (!found.isFile())
      return heldFile(name, await readAll(createReadStream(path), ENVELOPE_BYTES.max, signal));
    return { name, size: found.size, stream: () => piecesOf(path, place) };
  } catch (error) {
    throw unreadable(error, place);
  }
}

/** The file's bytes. That it may be looked at does not say that it may be read. */
async function* piecesOf(path: string, place: number): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw unreadable(error, place);
  }
}

/** The system's fault as one that names the file's place and no more; another as it is. */
function unreadable(error: unknown, place: number): unknown {
  const { code } = error as { code?: string };
  return code === undefined
    ? error
    : new Fault("usage", `--file number ${place} could not be read (${code}).`, error);
}

function heldFile(name: string, bytes: Uint8Array): FileSource {
  return {
    name,
    size: bytes.length,
    async *stream() {
      yield bytes;
    },
  };
}
