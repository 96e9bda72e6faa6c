import { createHash } from "node:crypto";
import type { Writable } from "node:stream";
import { Command } from "ioredis";
import type { Script } from "./record.ts";

export type Argument = string | number | Buffer;

/** Longer bytes are written as they are; shorter ones are copied between the words around them. */
const COPIED_BYTES = 4_096;

/** Whether the server runs a script that it knows by its digest, or is told the whole of it. */
export type ScriptForm = "digest" | "whole";

/**
 * One run of a script. The driver's own command writes each word for itself and copies all of them twice, envelopes included, which
 * costs more than the rest of sending it. This one makes the packet of the protocol at once
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/). The driver knows nothing of its words, and so puts none into its errors.
 * Its answer's strings are Buffers.
 */
export class ScriptCommand extends Command {
  readonly #script: Script;
  readonly #words: readonly Argument[];
  readonly #form: ScriptForm;

  /** `words`: as many keys as the script has, then its arguments. */
  constructor(script: Script, words: readonly Argument[], form: ScriptForm) {
    super(form === "digest" ? "evalsha" : "eval", [], { replyEncoding: null });
    this.#script = script;
    this.#words = words;
    this.#form = form;
  }

  /** The driver writes what is returned, behind what was written here. */
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

/** A character for each byte. */
function bulk(word: string): string {
  return `$${word.length}\r\n${word}\r\n`;
}

/** The bytes of its UTF-8 as characters; of nearly all words that is what they are. */
function latin1Of(word: string): string {
  return Buffer.byteLength(word) === word.length ? word : Buffer.from(word).toString("latin1");
}

const heads = { digest: new WeakMap<Script, string>(), whole: new WeakMap<Script, string>() };

/** What is the same in every packet of a script: command, digest or text, number of keys. */
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
