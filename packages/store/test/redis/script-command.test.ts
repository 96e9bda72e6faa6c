import { createHash, randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { Command } from "ioredis";
import { expect, test } from "vitest";
import type { Script } from "../../src/redis/record.ts";
import { type Argument, ScriptCommand, type ScriptForm } from "../../src/redis/script-command.ts";

const lua = "return { KEYS[1], ARGV[1] } -- “é”";
const script: Script = { name: "test", keys: 1, lua };
const digest = createHash("sha1").update(lua).digest("hex");

/** All that the driver would write, as one. */
function packetOf(words: readonly Argument[], form: ScriptForm): Buffer {
  const stream = new PassThrough({ highWaterMark: 2 ** 24 });
  const rest = new ScriptCommand(script, words, form).toWritable(stream);
  return Buffer.concat([stream.read() ?? Buffer.alloc(0), rest]);
}

function drivers(words: readonly Argument[], form: ScriptForm): Buffer {
  const [name, body] = form === "digest" ? ["evalsha", digest] : ["eval", lua];
  return Buffer.from(new Command(name, [body, 1, ...words]).toWritable({}) as Buffer);
}

test.each([
  ["words and numbers", ["mayfly:{a}", 1_700_000_000_000, -1, 0, "unlimited"]],
  ["nothing", ["mayfly:{a}", "", Buffer.alloc(0)]],
  ["text beyond ASCII", ["mayfly:{ä}", "worker “één”/7", "\u{1f98b}"]],
  ["every byte", ["k", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))]],
  ["line ends and dollars", ["k\r\n$3", Buffer.from("\r\n$1\r\n*2\r\n")]],
  ["what is copied at most", ["k", randomBytes(4_096), "behind"]],
  ["what is not copied", ["k", randomBytes(4_097), "between", randomBytes(70_000), 5, randomBytes(10)]],
] as const)("writes the driver's own bytes for %s", (_, words) => {
  for (const form of ["digest", "whole"] as const)
    expect(packetOf(words, form).equals(drivers(words, form))).toBe(true);
});
