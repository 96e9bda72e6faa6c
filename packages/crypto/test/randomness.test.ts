import { afterEach, expect, test, vi } from "vitest";
import { deriveKeys, randomBytes, seal } from "../src/index.ts";
import { refusal } from "./refusal.ts";

const keys = deriveKeys(new Uint8Array(32).fill(1));
const sealSomething = () => seal({ meta: { kind: "text" }, content: new Uint8Array(3) }, keys);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The platform's generator replaced by one that leaves `rounds` draws at zero before it works. */
function zerosFor(rounds: number): void {
  const real = globalThis.crypto;
  let left = rounds;
  const getRandomValues = (array: Uint8Array<ArrayBuffer>) =>
    left-- > 0 ? array : real.getRandomValues(array);
  vi.stubGlobal("crypto", { getRandomValues });
}

test("gives as many bytes as asked, different each time", () => {
  expect([0, 1, 16, 32, 65_536].map((length) => randomBytes(length).length)).toEqual([0, 1, 16, 32, 65_536]);
  expect(randomBytes(32)).not.toEqual(randomBytes(32));
});

test.each([
  ["is missing", () => vi.stubGlobal("crypto", undefined)],
  ["has no getRandomValues", () => vi.stubGlobal("crypto", {})],
  [
    "throws",
    () =>
      vi.stubGlobal("crypto", {
        getRandomValues: () => {
          throw new Error("no entropy");
        },
      }),
  ],
  ["gives only zeros, twice", () => zerosFor(2)],
])("refuses to draw and to seal when the generator %s, and never asks Math.random", (_, breakIt) => {
  const fallback = vi.spyOn(Math, "random");
  breakIt();
  expect(refusal(() => randomBytes(32))).toBe("no_randomness");
  breakIt();
  expect(refusal(sealSomething)).toBe("no_randomness");
  expect(fallback).not.toHaveBeenCalled();
});

test("draws again when the first draw is only zeros", () => {
  zerosFor(1);
  expect(randomBytes(32).some((byte) => byte !== 0)).toBe(true);
});

test("refuses more than the platform gives at once", () => {
  expect(refusal(() => randomBytes(65_537))).toBe("no_randomness");
});
