import { readFileSync } from "node:fs";
import nacl from "tweetnacl";
import { expect, test } from "vitest";
import { cryptoReasons } from "../src/index.ts";
import { generateVectors, vectorText } from "../vectors/generate.ts";
import { judge } from "../vectors/judge.ts";
import { boxForTwoKeys } from "../vectors/two-keys.ts";
import type { Vectors } from "../vectors/vector.ts";
import { seeded } from "./seeded.ts";

const names = ["keys", "links", "envelopes", "unknowns", "refusals"] as const;
const text = (name: string) => readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8");
const read = () =>
  Object.fromEntries(names.map((name) => [name, JSON.parse(text(name))])) as unknown as Vectors;
const slow = { timeout: 60_000 };

test("passes every vector", slow, async () => {
  const { passed, failures } = await judge(read());
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(1_000);
});

test("finds a wrong answer", slow, async () => {
  const vectors = read();
  // Without passphrases, which cost a second each.
  vectors.keys.good = vectors.keys.good.filter(({ passphrase }) => passphrase === null);
  vectors.refusals = vectors.refusals.filter(
    ({ keys, openedWith }) => `${keys}${openedWith}`.includes("passphrase") === false,
  );
  vectors.envelopes = vectors.envelopes.filter(({ keys }) => keys === "plain");
  expect((await judge(vectors)).failures).toEqual([]);
  const first = vectors.refusals[0];
  if (first) first.reason = "chunk";
  const envelope = vectors.envelopes[0];
  if (envelope) envelope.sha256 = envelope.sha256.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  const { failures } = await judge(vectors);
  expect(failures.map(({ what }) => what)).toEqual(["sha256", "sealed in parts", "open", "open in parts"]);
});

test("has vectors that are what the generator writes", slow, async () => {
  const vectors = await generateVectors();
  expect(Object.keys(vectors).toSorted()).toEqual([...names].toSorted());
  for (const name of names) expect(vectorText(vectors[name]) === text(name), `${name}.json`).toBe(true);
});

test("has a name of its own for each vector, and a vector for each reason to refuse an envelope", () => {
  const { envelopes, unknowns, refusals, keys, links } = read();
  for (const list of [
    envelopes,
    unknowns,
    refusals,
    keys.good,
    keys.manage,
    links.good,
    links.refused,
    links.pasted,
  ]) {
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  }
  const own = ["length", "magic", "version", "flags", "passphrase_flag", "commitment", "chunk", "padding"];
  expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set([...own, "inner_length"]));
});

test("has a specification that names every reason, and no other", () => {
  const spec = readFileSync(new URL("../SPEC.md", import.meta.url), "utf8");
  const table = spec.slice(spec.indexOf("## 9"));
  const named = [...table.matchAll(/^\| `([a-z_0-9]+)`/gm)].map((row) => row[1]);
  expect(named).toEqual([...cryptoReasons]);
});

test("has a chunk that really authenticates under two keys, so that the commitment alone refuses it", () => {
  const random = seeded(12);
  const keys: [Uint8Array, Uint8Array] = [random.bytes(32), random.bytes(32)];
  const nonce = random.bytes(24);
  const box = boxForTwoKeys(keys, nonce, 16);
  for (const key of keys) expect(nacl.secretbox.open(box, nonce, key)).toHaveLength(256);
  expect(nacl.secretbox.open(box, nonce, random.bytes(32))).toBeNull();
});
