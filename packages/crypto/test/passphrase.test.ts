import { scryptSync } from "node:crypto";
import { expect, test } from "vitest";
import { CryptoError, checkPassphrase, passphraseSalt } from "../src/index.ts";
import { stretchPassphrase } from "../src/passphrase.ts";

const salt = passphraseSalt(new Uint8Array(32).fill(3));

test("stretches as Node's own scrypt does, and tells how far it is", async () => {
  const seen: number[] = [];
  const key = await stretchPassphrase("caf\u0065\u0301", salt, {
    onProgress: (fraction) => seen.push(fraction),
  });
  const expected = scryptSync("caf\u00e9", salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 });
  expect(key).toEqual(new Uint8Array(expected));
  expect(seen.length).toBeGreaterThan(100);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
});

test("stops when told to, in the middle or before the start", async () => {
  const stop = new AbortController();
  let last = 0;
  const work = stretchPassphrase("x", salt, {
    signal: stop.signal,
    onProgress(fraction) {
      last = fraction;
      if (fraction > 0.01) stop.abort(new Error("closed"));
    },
  });
  await expect(work).rejects.toThrow("closed");
  expect(last).toBeLessThan(0.02);
  await expect(stretchPassphrase("x", salt, { signal: stop.signal })).rejects.toThrow("closed");
});

test("refuses another salt, and whatever checkPassphrase refuses, before any work", async () => {
  await expect(stretchPassphrase("x", salt.subarray(1))).rejects.toThrow(new CryptoError("argument"));
  await expect(stretchPassphrase("", salt)).rejects.toThrow(new CryptoError("passphrase_empty"));
});

test("takes 1,024 bytes as they are after NFC", () => {
  // Three bytes as a letter and its accent, two as one letter.
  checkPassphrase("e\u0301".repeat(512));
  expect(() => checkPassphrase("e\u0301".repeat(513))).toThrow("passphrase_long");
});
