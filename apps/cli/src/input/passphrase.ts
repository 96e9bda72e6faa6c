import { createReadStream } from "node:fs";
import { isatty } from "node:tty";
import { ClientError, CryptoError } from "@mayfly/client";
import { suggestPassphrase } from "@mayfly/crypto/proquint";
import { describeError } from "../error-description.ts";
import { Fault } from "../fault.ts";
import type { Invocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import type { OptionName } from "../options.ts";
import { readAll, textIn, withoutLineEnd } from "./bytes.ts";
import { demandTerminal, type Terminal } from "./terminal.ts";

const ways = ["passphrase", "passphrase-file", "passphrase-fd", "generate"] as const satisfies OptionName[];
const longestFile = 64 * 1024;

/** Refuses a command line that names two sources, or one that is already taken by what is piped in. */
export function checkPassphraseOptions(invocation: Invocation, stdinIsTaken: boolean): void {
  if (ways.filter((way) => invocation.has(way)).length > 1)
    throw new Fault("usage", "There can be one passphrase: choose one of its options.");
  const descriptor = invocation.value("passphrase-fd");
  if (descriptor !== undefined && !/^\d{1,6}$/.test(descriptor))
    throw new Fault("usage", "--passphrase-fd takes the number of an open file descriptor, such as 3.");
  // What is typed at a terminal that nobody took in hand stands there for all to see.
  if (descriptor !== undefined && isatty(Number(descriptor)))
    throw new Fault("usage", "A terminal would show the passphrase as it is typed: be asked for it instead.");
  if (Number(descriptor) === 0 && stdinIsTaken)
    throw new Fault("usage", "Standard input cannot be both: give the passphrase by descriptor 3.");
}

/** The passphrase of a file or a descriptor, or undefined when neither was named. Throws Fault "passphrase", CryptoError. */
export async function passphraseGiven(invocation: Invocation, { signal }: Io): Promise<string | undefined> {
  const path = invocation.value("passphrase-file");
  const descriptor = invocation.value("passphrase-fd");
  if (path === undefined && descriptor === undefined) return undefined;
  const stream =
    path === undefined
      ? createReadStream("", { fd: Number(descriptor), autoClose: false })
      : createReadStream(path);
  let bytes: Uint8Array;
  try {
    bytes = await readAll(stream, longestFile, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Fault) throw new CryptoError("passphrase_long");
    throw new Fault("passphrase", `The passphrase could not be read (${(error as { code?: string }).code}).`);
  }
  const text = textIn(bytes);
  if (text === null) throw new Fault("passphrase", "The passphrase is no UTF-8 text.");
  return withoutLineEnd(text);
}

/** The passphrase that a sender wants, or undefined. `made` tells that it was made here, and nobody knows it yet. */
export async function passphraseForSending(
  invocation: Invocation,
  io: Io,
  terminal: Terminal,
): Promise<{ passphrase: string | undefined; made: boolean }> {
  if (invocation.has("generate")) return { passphrase: suggestPassphrase(), made: true };
  if (!invocation.has("passphrase"))
    return { passphrase: await passphraseGiven(invocation, io), made: false };
  demandTerminal(terminal, "use --passphrase-file or --passphrase-fd.");
  const first = await terminal.ask("Passphrase (not shown; blanks count): ");
  if (first === "") throw new Fault("passphrase", "The passphrase is empty.");
  if ((await terminal.ask("The same again: ")) !== first)
    throw new Fault("passphrase", "Those were two passphrases. Nothing was sent.");
  return { passphrase: first, made: false };
}

/**
 * Gives `take` the passphrase: the one that was given, or else, where the secret wants one and a person is there, one
 * that is asked for, and again while it is wrong. Remembers it for the next call.
 */
export function passphraseAsker(terminal: Terminal, given: string | undefined) {
  let known = given;
  return async function withPassphrase<T>(take: (passphrase: string | undefined) => Promise<T>): Promise<T> {
    for (let said = ""; ; ) {
      try {
        return await take(known);
      } catch (error) {
        const code = error instanceof ClientError ? error.code : undefined;
        const isWanted = code === "passphrase_required" || code === "wrong_passphrase";
        if (!isWanted || given !== undefined || !terminal.isThere()) throw error;
        if (code === "wrong_passphrase") said = `${describeError(error).sentence}\n`;
      }
      known = await terminal.ask(`${said}Passphrase (not shown; blanks count): `);
      if (known === "") throw new Fault("passphrase", "The passphrase is empty. Nothing was asked.");
    }
  };
}
