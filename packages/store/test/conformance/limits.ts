import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { HOUR, MINUTE } from "./sample.ts";

export function describeLimits({ bench, store }: Ground): void {
  describe("count", () => {
    test("counts each bucket by itself in a window that starts with its first event", async () => {
      expect(await store().count("bucket-a", MINUTE)).toEqual({ count: 1, resetMs: MINUTE });
      expect(await store().count("bucket-b", MINUTE)).toEqual({ count: 1, resetMs: MINUTE });
      const second = await store().count("bucket-a", MINUTE);
      expect(second.count).toBe(2);
      expect(second.resetMs).toBeGreaterThan(0);
      expect(second.resetMs).toBeLessThanOrEqual(MINUTE);
    });

    test("counts every one of fifty events at once", async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => store().count("crowd", MINUTE)));
      expect(answers.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, i) => i + 1),
      );
    });
  });

  describe("spend", () => {
    const spend = (amount: number, bucket = "client") => store().spend(bucket, HOUR, amount, 100);
    const SPENT = { outcome: "spent" };

    test("takes of each bucket what is left, and of what does not fit nothing", async () => {
      expect(await spend(101)).toEqual({ outcome: "exceeded", resetMs: HOUR });
      expect(await spend(60)).toEqual(SPENT);
      const answer = await spend(41);
      expect(answer).toMatchObject({ outcome: "exceeded", resetMs: expect.any(Number) });
      expect(await spend(40)).toEqual(SPENT);
      expect(await spend(1)).toMatchObject({ outcome: "exceeded" });
      expect(await spend(100, "other")).toEqual(SPENT);
    });

    test("has everything again when the window that the first began is over", async () => {
      await spend(60);
      await bench().advance(HOUR - 1_000);
      expect(await spend(40)).toEqual(SPENT);
      const answer = await spend(1);
      expect(answer.outcome === "exceeded" && answer.resetMs).toBeLessThanOrEqual(1_000);
      await bench().advance(1_000);
      expect(await spend(100)).toEqual(SPENT);
    });

    test("gives back what was taken, and no more than that", async () => {
      await spend(-50);
      expect(await spend(100)).toEqual(SPENT);
      expect(await spend(-30)).toEqual(SPENT);
      expect(await spend(31)).toMatchObject({ outcome: "exceeded" });
      expect(await spend(-1_000)).toEqual(SPENT);
      expect(await spend(101)).toMatchObject({ outcome: "exceeded" });
      expect(await spend(100)).toEqual(SPENT);
    });

    test("lets fifty at once take no more than there is", async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => spend(7)));
      expect(answers.filter(({ outcome }) => outcome === "spent")).toHaveLength(14);
    });

    test("counts amounts that a store of a pebibyte has", async () => {
      const most = 2 ** 47;
      expect(await store().spend("large", HOUR, most - 1, most)).toEqual(SPENT);
      expect(await store().spend("large", HOUR, 2, most)).toMatchObject({ outcome: "exceeded" });
      expect(await store().spend("large", HOUR, 1, most)).toEqual(SPENT);
    });
  });

  describe("limiterKey", () => {
    test("is 32 random bytes, the same all day", async () => {
      const key = await store().limiterKey();
      expect(key).toHaveLength(32);
      expect(new Set(key).size).toBeGreaterThan(8);
      expect(await store().limiterKey()).toEqual(key);
    });
  });

  describe("ping", () => {
    test("is true while the store answers, and false after close, without throwing", async () => {
      expect(await store().ping()).toBe(true);
      await store().close();
      expect(await store().ping()).toBe(false);
      await bench().reopen();
      expect(await store().ping()).toBe(true);
    });
  });
}
