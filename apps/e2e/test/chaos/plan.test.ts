import { isEnvelopeLength } from "@mayfly/wire";
import { describe, expect, test } from "vitest";
import { CANARY, planFault, planSecret } from "../../chaos/plan.ts";

const makers = ["a", "b", "c"].map((kind, n) => ({
  kind,
  weight: n + 1,
  mostMs: 1_000,
  begin: async () => () => undefined,
}));
const faults = (seed: number) =>
  Array.from({ length: 50 }, (_, n) => {
    const { what, gapMs, lastsMs } = planFault(seed, 0, n, makers);
    return `${gapMs} ${what.kind} ${lastsMs}`;
  });

describe("a plan", () => {
  test("follows from its seed alone", () => {
    expect(planSecret(7, 3)).toEqual(planSecret(7, 3));
    expect(planSecret(7, 3)).not.toEqual(planSecret(8, 3));
    expect(faults(7)).toEqual(faults(7));
    expect(faults(7)).not.toEqual(faults(8));
  });

  test("draws every kind of fault, the heavier the more often", () => {
    const count = (kind: string) => faults(1).filter((line) => line.includes(` ${kind} `)).length;
    expect(count("a")).toBeGreaterThan(0);
    expect(count("c")).toBeGreaterThan(count("a"));
  });

  test("seals nothing, but has envelopes that the service takes, each marked with its secret's number", () => {
    for (let secret = 0; secret < 50; secret++) {
      const { envelope } = planSecret(1, secret);
      expect(isEnvelopeLength(envelope.length)).toBe(true);
      const at = envelope.indexOf(CANARY);
      expect(envelope.readUInt32BE(at + CANARY.length)).toBe(secret);
    }
  });

  test("brings readers, rivals, guessers, thieves and burners in any hundred secrets", () => {
    const plans = Array.from({ length: 100 }, (_, secret) => planSecret(5, secret));
    const roles = new Set(plans.flatMap(({ actors }) => actors.map(({ role }) => role)));
    expect(roles).toEqual(new Set(["opener", "guesser", "thief", "burner", "watcher"]));
    const openers = plans.map(({ actors }) => actors.filter(({ role }) => role === "opener").length);
    expect(openers).toContain(0);
    expect(Math.max(...openers)).toBeGreaterThan(2);
  });
});
