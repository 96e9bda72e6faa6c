import { hash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { sightings } from "../src/sightings.ts";

// The other tests prove an absence with it: it must find what is there.
test("finds eight bytes of a secret in every encoding and at every alignment", () => {
  const secret = hash("sha256", "a secret", "buffer");
  const part = secret.subarray(11, 19);
  for (let before = 0; before < 4; before++) {
    const around = Buffer.concat([randomBytes(before), part, randomBytes(3)]);
    for (const encoding of ["latin1", "hex", "base64", "base64url"] as const) {
      const where = Buffer.from(`{"x":"${around.toString(encoding)}"}`, "latin1");
      expect(sightings(where, secret), `${encoding} after ${before}`).not.toEqual([]);
    }
  }
  expect(sightings(Buffer.from(part.toString("hex").toUpperCase()), secret)).toEqual(["HEX at 11"]);
});

test("finds nothing where nothing is", () => {
  expect(sightings(randomBytes(100_000), randomBytes(32))).toEqual([]);
});
