import { createHash } from "node:crypto";
import type { Writable } from "node:stream";
import { Command } from "ioredis";
import type { Script } from "./record.ts";

export type Argument = string | number | Buffer;

/** Longer arguments are written without a copy; shorter ones are copied into the text around them. */
const COPIED_BYTES = 4_096;

/** `digest`: names a script that the server knows. `whole`: sends the script's text. */
export type ScriptForm = "digest" | "whole";

/**
 * One run of a script, written as one packet (https://redis.io/docs/latest/develop/reference/protocol-spec/).
 * The driver's own command writes each argument separately and copies all of them twice, which costs more
 * than the rest of sending. The driver does not see the arguments, so its errors do not hold them. Strings in
 * the answer are Buffers.
 */
export class ScriptCommand extends Command {
  readonly #script: Script;
  readonly #words: readonly Argument[];
  readonly #form: ScriptForm;

  /** `words`: the script's keys, then its arguments. */
  constructor(script: Script, words: readonly Argument[], form: ScriptForm) {
    super(form === "digest" ? "evalsha" : "eval", [], { replyEncoding: null });
    this.#script = script;
    this.#words = words;
    this.#form = form;
  }

  /** Returns the rest of the packet, which the driver writes after what was written here. */
  override toWritable(stream: Writable): Buffer {
    let text = `*${3 + this.#words.length}\r\n${headOf(this.#script, this.#form)}`;
    for (const word of this.#words) {
      if (typeof word === "number") text += bulk(String(word));
      else if (typeof word === "string") text += bulk(latin1Of(word));
      else if (word.length <= COPIED_BYTES) text += bulk(word.toString("latin1"));
      else {
        stream.write(Buffer.from(`${text}$${word.length}\r\n`, "latin1"));
        stream.write(word);
        text = "\r\n";
      }
    }
    return Buffer.from(text, "latin1");
  }
}

/** A RESP bulk string; `word` has one character for each byte. */
function bulk(word: string): string {
  return `$${word.length}\r\n${word}\r\n`;
}

/** The word's UTF-8 bytes as characters. For ASCII that is the word itself. */
function latin1Of(word: string): string {
  return Buffer.byteLength(word) === word.length ? word : Buffer.from(word).toString("latin1");
}

const heads = { digest: new WeakMap<Script, string>(), whole: new WeakMap<Script, string>() };

/** The constant start of a script's packets: command, digest or text, number of keys. */
function headOf(script: Script, form: ScriptForm): string {
  let head = heads[form].get(script);
  if (head === undefined) {
    const command =
      form === "digest"
        ? ["evalsha", createHash("sha1").update(script.lua).digest("hex")]
        : ["eval", latin1Of(script.lua)];
    head = [...command, String(script.keys)].map(bulk).join("");
    heads[form].set(script, head);
  }
  return head;
}

/** The bytes as a Buffer, which shares the memory: the driver would write any other Uint8Array as text. */
export function binary(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
