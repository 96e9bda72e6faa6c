import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { HOUR, MINUTE } from "./sample.ts";

export function describeRateLimits({ bench, store }: Ground): void {
  describe("take", () => {
    const add = async (amount: number, bucket = "client", windowMs = HOUR) =>
      (await store().take([{ bucket, windowMs, amount }]))[0];

    test("adds to each bucket by itself, in a window that starts with its first amount", async () => {
      expect(await add(1, "bucket-a", MINUTE)).toEqual({ total: 1, resetMs: MINUTE });
      expect(await add(60, "bucket-b")).toEqual({ total: 60, resetMs: HOUR });
      await bench().advance(MINUTE - 1);
      expect(await add(2, "bucket-a", MINUTE)).toMatchObject({ total: 3, resetMs: expect.any(Number) });
      await bench().advance(1);
      expect(await add(5, "bucket-a", MINUTE)).toEqual({ total: 5, resetMs: MINUTE });
      expect((await add(1, "bucket-b"))?.total).toBe(61);
    });

    test("answers a batch in the order of its amounts, and adds a bucket's amounts one after another", async () => {
      const buckets = Array.from({ length: 1_000 }, (_, number) => `${(number % 50) + 1}-${number % 500}`);
      const amounts = buckets.map((bucket, number) => ({ bucket, windowMs: MINUTE, amount: number }));
      const totals = (await store().take(amounts)).map(({ total }) => total);
      expect(totals).toEqual(amounts.map((_, number) => (number < 500 ? number : 2 * number - 500)));
      expect(await store().take([])).toEqual([]);
    });

    test("adds every one of fifty amounts at once", async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => add(1, "crowd")));
      expect(answers.map((answer) => answer?.total).sort((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 50 }, (_, i) => i + 1),
      );
    });

    test("only tells the total when nothing is added, and begins no window", async () => {
      expect(await add(0)).toEqual({ total: 0, resetMs: HOUR });
      await bench().advance(MINUTE);
      expect(await add(7)).toEqual({ total: 7, resetMs: HOUR });
      await bench().advance(MINUTE);
      expect(await add(0)).toMatchObject({ total: 7 });
      expect((await add(0))?.resetMs).toBeLessThanOrEqual(HOUR - MINUTE);
    });

    test("gives back, and never falls below nothing", async () => {
      await add(100);
      expect(await add(-30)).toMatchObject({ total: 70 });
      expect(await add(-1_000)).toMatchObject({ total: 0 });
      expect(await add(1)).toMatchObject({ total: 1 });
    });

    test("adds amounts that a store of a pebibyte has", async () => {
      expect((await add(2 ** 50 - 1))?.total).toBe(2 ** 50 - 1);
      expect((await add(2))?.total).toBe(2 ** 50 + 1);
    });
  });

  describe("canWrite", () => {
    test("is true while the store answers, and false after close, without throwing", async () => {
      expect(await store().canWrite()).toBe(true);
      await store().close();
      expect(await store().canWrite()).toBe(false);
      await bench().reopen();
      expect(await store().canWrite()).toBe(true);
    });
  });
}
