import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import nacl from "tweetnacl";
import { expect, test } from "vitest";
import { chunkLength, openChunk, sealChunk } from "../src/chunk.ts";
import { seeded } from "./seeded.ts";

const random = seeded(42);

function agree(length: number): boolean {
  const [key, nonce, message] = [random.bytes(32), random.bytes(24), random.bytes(length)];
  const other = xsalsa20poly1305(key, nonce);
  const sealed = other.encrypt(message);
  const opened = nacl.secretbox.open(sealed, nonce, key);
  return (
    Buffer.compare(nacl.secretbox(message, nonce, key), sealed) === 0 &&
    Buffer.compare(other.decrypt(sealed), message) === 0 &&
    opened !== null &&
    Buffer.compare(opened, message) === 0
  );
}

test("seals and opens as a second implementation does, ten thousand times", () => {
  const lengths = [0, 1, 15, 16, 17, 63, 64, 65];
  let disagreements = 0;
  for (let run = 0; run < 10_000; run++) {
    if (!agree(lengths[run] ?? random.below(200))) disagreements++;
  }
  for (const length of [...lengths, chunkLength - 1, chunkLength, chunkLength + 1]) {
    if (!agree(length)) disagreements++;
  }
  expect(disagreements).toBe(0);
});

test("binds a chunk to its index and its final flag", () => {
  const key = random.bytes(32);
  const plain = random.bytes(100);
  const box = sealChunk(plain, 1, false, key);
  expect(openChunk(box, 1, false, key)).toEqual(plain);
  expect(openChunk(box, 1, true, key)).toBeNull();
  expect(openChunk(box, 0, false, key)).toBeNull();
  expect(openChunk(box, 256, false, key)).toBeNull();
  expect(openChunk(box, 1, false, random.bytes(32))).toBeNull();
});

test("puts 19 zero bytes, the index and the final flag into the nonce", () => {
  const key = random.bytes(32);
  const nonce = new Uint8Array(24);
  nonce.set([0x01, 0x02, 0x03, 0x04, 1], 19);
  expect(sealChunk(new Uint8Array(5), 0x01020304, true, key)).toEqual(
    xsalsa20poly1305(key, nonce).encrypt(new Uint8Array(5)),
  );
});
