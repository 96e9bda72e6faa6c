import { randomFillSync } from "node:crypto";

const DRAWN_BYTES = 4_096;

let drawn = new Uint8Array();
let given = 0;

/**
 * Cryptographically random bytes, each given out once. Drawn from the system many at a time, as Node does for its own UUIDs: asking
 * costs far more than what is got.
 */
export function randomBytes(length: number): Uint8Array {
  if (given + length > drawn.length) {
    drawn = randomFillSync(new Uint8Array(Math.max(DRAWN_BYTES, length)));
    given = 0;
  }
  given += length;
  return drawn.subarray(given - length, given);
}
