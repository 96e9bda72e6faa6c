import { expect, test } from "vitest";
import { deriveKeys, openEnvelope, type SecretMeta, seal } from "../src/index.ts";
import { refusal } from "./refusal.ts";
import { seeded } from "./seeded.ts";

const random = seeded(11);
const keys = deriveKeys(random.bytes(32));
const meta: SecretMeta = { kind: "text" };
const content = random.bytes(150_000);
const envelope = seal({ meta, content }, keys);
const box = 65_552;

function openFlipped(at: number, bit: number): string | undefined {
  const byte = envelope[at] as number;
  envelope[at] = byte ^ (1 << bit);
  const reason = refusal(() => openEnvelope(envelope, keys));
  envelope[at] = byte;
  return reason;
}

test("refuses every flipped bit of header and commitment, before any chunk", () => {
  const reasons = new Map<string | undefined, number>();
  for (let at = 0; at < 62; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const reason = openFlipped(at, bit);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  expect(Object.fromEntries(reasons)).toEqual({
    magic: 32,
    version: 8,
    flags: 7,
    passphrase_flag: 1,
    commitment: 448,
  });
});

test("refuses two thousand random flipped bits in the chunks", { timeout: 60_000 }, () => {
  expect(envelope.length).toBeGreaterThan(62 + 2 * box);
  let refused = 0;
  for (let run = 0; run < 2_000; run++) {
    if (openFlipped(62 + random.below(envelope.length - 62), random.below(8)) === "chunk") refused++;
  }
  expect(refused).toBe(2_000);
  expect(openEnvelope(envelope, keys).content).toHaveLength(content.length);
});

test("refuses a chunk of another secret of the same length, at every place", () => {
  const other = seal({ meta, content }, keys);
  for (let at = 62; at < envelope.length; at += box) {
    const spliced = envelope.slice();
    spliced.set(other.subarray(at, at + box), at);
    expect(refusal(() => openEnvelope(spliced, keys))).toBe("chunk");
  }
});

test("checks the commitment before the first chunk, and the chunk whenever the commitment holds", () => {
  const small = seal({ meta, content: random.bytes(10) }, keys);
  const flip = (...places: number[]) => {
    const changed = small.slice();
    for (const at of places) changed[at] = (changed[at] as number) ^ 1;
    return refusal(() => openEnvelope(changed, keys));
  };
  expect(flip(40)).toBe("commitment");
  expect(flip(40, 100)).toBe("commitment");
  expect(flip(100)).toBe("chunk");
});

test("refuses every truncation of a small envelope", () => {
  const small = seal({ meta, content: random.bytes(10) }, keys);
  for (let length = 0; length < small.length; length++) {
    expect(refusal(() => openEnvelope(small.subarray(0, length), keys))).toBe("length");
  }
});

test("refuses random bytes of a right length", () => {
  expect(refusal(() => openEnvelope(random.bytes(334), keys))).toBe("magic");
  const dressed = random.bytes(334);
  dressed.set([0x4d, 0x46, 0x4c, 0x59, 1, 0]);
  expect(refusal(() => openEnvelope(dressed, keys))).toBe("commitment");
});

test("opens with these keys only", () => {
  const token = random.bytes(32);
  const password = random.bytes(32);
  const locked = seal({ meta, content: random.bytes(10) }, deriveKeys(token, password));
  expect(openEnvelope(locked, deriveKeys(token, password)).content).toHaveLength(10);
  expect(refusal(() => openEnvelope(locked, deriveKeys(token)))).toBe("passphrase_flag");
  expect(refusal(() => openEnvelope(locked, deriveKeys(token, random.bytes(32))))).toBe("commitment");
  expect(refusal(() => openEnvelope(locked, deriveKeys(random.bytes(32), password)))).toBe("commitment");
});

test("shows nothing of the content in the envelope", () => {
  const canary = Buffer.from("canary-canary-canary");
  const files: SecretMeta = {
    kind: "files",
    files: [{ name: "canary-name.txt", type: "text/plain", size: 20 }],
  };
  const sealed = Buffer.from(seal({ meta: files, content: canary }, keys));
  expect(sealed.includes("canary")).toBe(false);
  expect(sealed.includes("text/plain")).toBe(false);
});

test("reads content that is a view into a larger buffer", () => {
  const larger = random.bytes(100);
  const view = larger.subarray(10, 60);
  const sealed = Buffer.concat([Buffer.alloc(7), seal({ meta, content: view }, keys)]).subarray(7);
  expect(openEnvelope(sealed, keys).content).toEqual(view.slice());
});
