import { xsalsa20 } from "@noble/ciphers/salsa.js";

// secretbox is not key-committing: Len, Grubbs, Ristenpart, "Partitioning Oracle Attacks" (USENIX Security 2021), §3.

const prime = 2n ** 130n - 5n;
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
const word = 2n ** 128n;

function little(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

function littleBytes(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => Number((value >> BigInt(8 * at)) & 255n));
}

function modulo(value: bigint): bigint {
  return ((value % prime) + prime) % prime;
}

// Fermat: the inverse is the (p − 2)th power.
function inverse(value: bigint): bigint {
  let result = 1n;
  let base = modulo(value);
  for (let rest = prime - 2n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * base) % prime;
    base = (base * base) % prime;
  }
  return result;
}

/**
 * A secretbox (tag | ciphertext) of `blocks` × 16 bytes that authenticates under both keys with the same nonce.
 * Everything but its last two blocks and its tag is zeros. Shows what the commitment is for.
 */
export function boxForTwoKeys(keys: [Uint8Array, Uint8Array], nonce: Uint8Array, blocks: number): Uint8Array {
  const poly = keys.map((key) => {
    const oneTime = xsalsa20(key, nonce, new Uint8Array(32));
    const r = little(oneTime.subarray(0, 16)) & clamp;
    // What the leading blocks of zeros add up to before the last two.
    let head = 0n;
    for (let i = 0; i < blocks - 2; i++) head = modulo((head + word) * r);
    return { r, s: little(oneTime.subarray(16)), head };
  });
  const [one, two] = poly as [(typeof poly)[0], (typeof poly)[0]];
  // With the last blocks x, y: (head + x) r² + y r ≡ tag − s (mod p), for both. Solve, and try tags until both fit.
  for (let tag = 1n; ; tag++) {
    const sums = [one, two].map(({ r, s, head }) => {
      const wanted = (tag - s + word) % word;
      return modulo(wanted * inverse(r) - head * r);
    }) as [bigint, bigint];
    // x r1 + y ≡ sums[0], x r2 + y ≡ sums[1].
    const x = modulo((sums[0] - sums[1]) * inverse(one.r - two.r));
    const y = modulo(sums[0] - x * one.r);
    if (x / word !== 1n || y / word !== 1n) continue;
    const box = new Uint8Array(16 + 16 * blocks);
    box.set(littleBytes(tag, 16));
    box.set(littleBytes(x - word, 16), box.length - 32);
    box.set(littleBytes(y - word, 16), box.length - 16);
    return box;
  }
}
