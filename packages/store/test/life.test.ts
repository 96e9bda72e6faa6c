import fc from "fast-check";
import { expect, test } from "vitest";
import { depositMs, leaseEnd, leaseInAllMs, partCount, partLength, tombstoneUntil } from "../src/life.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const size = fc.integer({ min: 1, max: 2 ** 30 });
const time = fc.integer({ min: 0, max: 2 ** 42 });

test("the parts of an envelope add up to its length, and there are no others", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 600 }), (bytes, partBytes) => {
      const count = partCount(bytes, partBytes);
      const lengths = Array.from({ length: count }, (_, part) => partLength(bytes, partBytes, part) ?? 0);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes);
      expect(lengths.every((length) => length >= 1 && length <= partBytes)).toBe(true);
      for (const part of [-1, count, 0.5, Number.NaN]) expect(partLength(bytes, partBytes, part)).toBeNull();
    }),
  );
  expect([partCount(1_000, 1_000), partCount(1_001, 1_000), partCount(1, 1_000)]).toEqual([1, 2, 1]);
});

test("a lease never outlives the expiry, nor one hour after its claim and the time of its bytes", () => {
  const lease = fc.integer({ min: 0, max: HOUR });
  fc.assert(
    fc.property(time, lease, size, size, size, (boundAt, leaseMs, bytes, later, life) => {
      const end = leaseEnd(boundAt + later, boundAt, { leaseMs, bytes, expiresAt: boundAt + life });
      expect(end).toBeLessThanOrEqual(boundAt + life);
      expect(end).toBeLessThanOrEqual(boundAt + HOUR + Math.ceil(bytes / 250));
      expect(end).toBeLessThanOrEqual(boundAt + later + leaseMs);
    }),
  );
  expect(leaseEnd(1_000, 1_000, { leaseMs: 60_000, bytes: 1, expiresAt: 10 * HOUR })).toBe(61_000);
});

test("a reservation and a lease last longer by the time that the bytes take at 2 Mbit/s", () => {
  expect([depositMs(1), depositMs(250_000), depositMs(4 * 2 ** 30)]).toEqual([600_001, 601_000, 17_779_870]);
  expect([leaseInAllMs(1), leaseInAllMs(250_000), leaseInAllMs(4 * 2 ** 30)]).toEqual([
    HOUR + 1,
    HOUR + 1_000,
    HOUR + 17_179_870,
  ]);
});

test("a tombstone stays to the expiry, but a day at least and 31 days at most", () => {
  expect(tombstoneUntil(10 * DAY, 0)).toBe(10 * DAY);
  expect(tombstoneUntil(HOUR, 0)).toBe(DAY);
  expect(tombstoneUntil(5 * DAY, 5 * DAY)).toBe(6 * DAY);
  expect(tombstoneUntil(40 * DAY, 0)).toBe(31 * DAY);
});
