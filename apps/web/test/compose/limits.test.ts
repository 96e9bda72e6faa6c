import { expect, test } from "vitest";
import { choicesOf } from "../../src/compose/limits.ts";

const limits = (min: number, usual: number, max: number, readsMax = 100) => ({
  lifetimeSeconds: { min, default: usual, max },
  readsMax,
  envelopeBytes: 1e6,
  partBytes: 1e6,
  leaseSeconds: 60,
  passphraseAttempts: 10,
});

test("without an answer of the service the usual choices stand, with one day chosen", () => {
  expect(choicesOf(undefined)).toEqual({
    lifetimes: [300, 3600, 86_400, 604_800, 2_592_000],
    lifetime: 86_400,
    reads: [1, 2, 5, 10],
  });
});

test("nothing is offered that the service refuses", () => {
  expect(choicesOf(limits(3600, 3600, 86_400, 2))).toEqual({
    lifetimes: [3600, 86_400],
    lifetime: 3600,
    reads: [1, 2],
  });
});

test("a service that allows none of the usual lifetimes still offers its own bounds", () => {
  expect(choicesOf(limits(400, 500, 600))).toMatchObject({ lifetimes: [400, 600], lifetime: 600 });
});
