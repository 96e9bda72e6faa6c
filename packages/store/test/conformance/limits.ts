import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { MINUTE } from "./sample.ts";

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
