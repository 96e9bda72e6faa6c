import { describe, expect, test } from "vitest";
import { depositMs } from "../../src/index.ts";
import { countOverdue, recordSweep } from "../sweeps.ts";
import type { Ground } from "./harness.ts";
import { DAY, HOUR, liveSample, MINUTE, opened, type Sample, sample } from "./sample.ts";

const MAX_AGE = 75 * MINUTE;
const NOTHING = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };

/** What only a halt for want of sweeps cuts off: each step of a sweep reckons from the heartbeat whether there is one. */
export function describeHalt({ bench, store }: Ground): void {
  let run = 0;
  /** A recorded sweep; when the service halts if there is no other. */
  const swept = async () => {
    const startedAt = await store().now();
    const report = { startedAt, removed: NOTHING, worker: "one", run: `run ${run++}`, maxAgeMs: MAX_AGE };
    expect(await recordSweep(store(), report)).toMatchObject({ startedAt });
    return startedAt + MAX_AGE;
  };
  /** Moves the time on so that the halt begins in so many milliseconds. */
  const approach = async (haltedSince: number, before: number) =>
    bench().advance(haltedSince - (await store().now()) - before);
  const sweep = () => store().sweep({ batch: 2, maxAgeMs: MAX_AGE });
  const part = ({ id }: Sample, claim: Uint8Array, number = 1) => store().part({ id, claim, part: number });

  describe("the sweep that ends a halt", () => {
    for (const reads of [1, 2, "unlimited"] as const) {
      test(`ends no lease that was running when the halt began, and gives it its time anew (reads: ${reads})`, async () => {
        const haltedSince = await swept();
        await approach(haltedSince, 30_000);
        const secret = await liveSample(store(), { parts: 3, reads });
        const opening = secret.opening();
        await opened(store(), opening);
        await bench().advance(10 * MINUTE);
        expect(await sweep()).toEqual(NOTHING);
        const now = await store().now();
        expect(await countOverdue(store(), now, { batch: 2 })).toBe(0);
        expect(await part(secret, opening.claim)).toEqual({
          outcome: "part",
          part: secret.parts[1],
          leaseEnds: now + MINUTE,
        });
        expect(await store().open(opening)).toMatchObject({ outcome: "opened", part: secret.parts[0] });
        if (reads === 1) expect(await store().open(secret.opening())).toMatchObject({ outcome: "gone" });
        await bench().advance(MINUTE);
        expect(await part(secret, opening.claim, 2)).toEqual({
          outcome: "gone",
          state: "opened",
          endedAt: now + MINUTE,
        });
        await store().sweep({ batch: 2 });
        expect(await bench().hasCiphertext(secret.id)).toBe(reads !== 1);
      });
    }

    test("gives the whole of a lease again when it is recorded, however long it took", async () => {
      const haltedSince = await swept();
      await approach(haltedSince, 30_000);
      const secret = await liveSample(store(), { parts: 2 });
      const opening = secret.opening();
      await opened(store(), opening);
      await bench().advance(HOUR);
      await sweep();
      await bench().advance(HOUR);
      await swept();
      expect(await part(secret, opening.claim)).toMatchObject({
        outcome: "part",
        leaseEnds: (await store().now()) + MINUTE,
      });
    });

    test("gives it again after a sweep that failed, and begins the lease's hour in all anew", async () => {
      const haltedSince = await swept();
      await approach(haltedSince, 30_000);
      const secret = await liveSample(store(), { parts: 2, leaseMs: HOUR });
      const opening = secret.opening();
      await opened(store(), opening);
      await bench().advance(2 * HOUR);
      await sweep();
      await bench().advance(2 * HOUR);
      await sweep();
      await swept();
      const boundAt = await store().now();
      await bench().advance(30 * MINUTE);
      expect(await part(secret, opening.claim)).toMatchObject({ leaseEnds: boundAt + HOUR + 8 });
    });

    test("ends leases that were over before the halt, and what expired in it", async () => {
      const haltedSince = await swept();
      await approach(haltedSince, 2 * MINUTE);
      const over = await liveSample(store());
      await opened(store(), over.opening());
      await bench().advance(90_000);
      const expiring = await liveSample(store(), { lifetimeMs: 5 * MINUTE });
      const expiresAt = (await store().now()) + 5 * MINUTE;
      await opened(store(), expiring.opening());
      const short = await liveSample(store(), { lifetimeMs: HOUR });
      const opening = short.opening();
      await opened(store(), opening);
      const shortExpiresAt = (await store().now()) + HOUR;
      await bench().advance(HOUR - 10_000);
      expect(await sweep()).toEqual({ ...NOTHING, leases: 2 });
      expect(await store().status(over.byLink)).toMatchObject({ state: "opened" });
      expect(await store().status(expiring.byLink)).toMatchObject({ state: "opened" });
      const { endedAt } = (await store().status(expiring.byLink)) as { endedAt: number };
      expect(endedAt).toBeLessThanOrEqual(expiresAt);
      expect(await store().open(opening)).toMatchObject({ outcome: "opened", leaseEnds: shortExpiresAt });
    });

    test("renews nothing that was acknowledged or burned while halted", async () => {
      const haltedSince = await swept();
      await approach(haltedSince, 30_000);
      const burned = await liveSample(store());
      await opened(store(), burned.opening());
      const one = await liveSample(store());
      const two = await liveSample(store(), { reads: 2, parts: 2 });
      const many = await liveSample(store(), { reads: 3, parts: 2 });
      const [only, first, second, some] = [one.opening(), two.opening(), two.opening(), many.opening()];
      for (const opening of [only, first, second, some]) await opened(store(), opening);
      await bench().advance(10 * MINUTE);
      for (const { id, claim } of [only, first, some]) {
        expect(await store().acknowledge({ id, claim })).toEqual({ outcome: "acknowledged" });
      }
      expect(await store().burn(burned.byManage)).toMatchObject({ outcome: "gone", state: "opened" });
      for (const { id } of [burned, one]) expect(await bench().hasCiphertext(id)).toBe(false);
      expect(await sweep()).toEqual(NOTHING);
      await swept();
      for (const opening of [only, first, some])
        expect(await store().open(opening)).toMatchObject({ outcome: "gone", state: "opened" });
      // The other reader of two loses nothing by the first one's confirmation.
      expect(await part(two, second.claim)).toMatchObject({ outcome: "part", part: two.parts[1] });
      await store().acknowledge({ id: two.id, claim: second.claim });
      expect(await bench().hasCiphertext(two.id)).toBe(false);
    });

    test("renews a lease that the halt cut off, though another reader confirmed within a lease of its own", async () => {
      const haltedSince = await swept();
      await approach(haltedSince, 30_000);
      const secret = await liveSample(store(), { reads: 2, parts: 2 });
      const [early, late] = [secret.opening(), secret.opening()];
      await opened(store(), early);
      await bench().advance(20_000);
      await opened(store(), late);
      await bench().advance(45_000);
      const acknowledgedAt = await store().now();
      const request = { id: secret.id, claim: late.claim };
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      expect(await store().status(secret.byLink)).toMatchObject({ state: "opened", endedAt: acknowledgedAt });
      expect(await sweep()).toEqual(NOTHING);
      await swept();
      expect(await part(secret, early.claim)).toMatchObject({ outcome: "part", part: secret.parts[1] });
      expect(await store().open(late)).toMatchObject({ outcome: "gone", state: "opened" });
    });

    test("gives an upload that was under way its time anew, and none that was over", async () => {
      const haltedSince = await swept();
      const late = sample({ parts: 2 });
      const waits = depositMs(late.reservation.bytes);
      await approach(haltedSince, waits);
      await store().reserve(late.reservation);
      await store().deposit(late.deposit(0));
      await bench().advance(MINUTE);
      const upload = sample({ parts: 2 });
      const empty = sample();
      const burned = sample({ parts: 2 });
      for (const { reservation } of [upload, empty, burned]) await store().reserve(reservation);
      await store().deposit(upload.deposit(0));
      await store().deposit(burned.deposit(0));
      await bench().advance(waits - 30_000);
      expect(await store().burn(burned.byManage)).toEqual({ outcome: "burned" });
      await bench().advance(3 * HOUR);
      expect(await sweep()).toEqual({ ...NOTHING, reservations: 1 });
      expect(await store().status(late.byManage)).toEqual({ outcome: "not_found" });
      expect(await store().status(burned.byManage)).toEqual({ outcome: "not_found" });
      await bench().advance(HOUR);
      await swept();
      const expiresAt = (await store().now()) + waits;
      expect(await store().status(upload.byManage)).toMatchObject({ state: "reserved", expiresAt });
      await bench().advance(waits - 1_000);
      expect(await store().deposit(upload.deposit(1))).toMatchObject({ outcome: "live" });
      expect(await store().deposit(empty.deposit(0))).toMatchObject({ outcome: "live" });
    });
  });

  describe("a sweep that knows when the service would halt", () => {
    /** A lease and a reservation that ran when the halt began, and that are over since another sweep ended the halt. */
    const overdueAfterHalt = async () => {
      await approach(await swept(), 30_000);
      const secret = await liveSample(store(), { parts: 2, lifetimeMs: DAY });
      const upload = sample();
      const opening = secret.opening();
      await opened(store(), opening);
      await store().reserve(upload.reservation);
      await bench().advance(HOUR);
      await sweep();
      await swept();
      await bench().advance(depositMs(upload.reservation.bytes));
      return { secret, upload, opening };
    };

    test("ends leases as always before that time", async () => {
      await swept();
      const secret = await liveSample(store());
      await opened(store(), secret.opening());
      await bench().advance(MINUTE);
      expect(await sweep()).toEqual({ ...NOTHING, leases: 1 });
    });

    test("ends them as always when another sweep has ended the halt meanwhile", async () => {
      const { secret, opening } = await overdueAfterHalt();
      expect(await sweep()).toEqual({ ...NOTHING, leases: 1, reservations: 1 });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      expect(await store().open(opening)).toMatchObject({ outcome: "gone", state: "opened" });
    });

    test("ends them as always when another sweep was recorded just before the halt would have begun", async () => {
      const haltedSince = await swept();
      await approach(haltedSince, 30_000);
      const secret = await liveSample(store());
      await opened(store(), secret.opening());
      await swept();
      await bench().advance(10 * MINUTE);
      expect(await sweep()).toEqual({ ...NOTHING, leases: 1 });
    });

    test("gives nothing its time anew once another sweep has ended the halt, when it is recorded", async () => {
      const { upload, opening } = await overdueAfterHalt();
      await swept();
      expect(await store().open(opening)).toMatchObject({ outcome: "gone", state: "opened" });
      expect(await store().status(upload.byManage)).toEqual({ outcome: "not_found" });
    });

    test("is not recorded when the halt began while it ran, but swept again", async () => {
      const haltedSince = await swept();
      await approach(haltedSince, 30_000);
      const secret = await liveSample(store());
      const opening = secret.opening();
      await opened(store(), opening);
      const startedAt = await store().now();
      const report = { startedAt, removed: NOTHING, worker: "one", run: "the first", maxAgeMs: MAX_AGE };
      await sweep();
      const before = (await store().heartbeat()).heartbeat;
      await bench().advance(10 * MINUTE);
      expect(await recordSweep(store(), report)).toBeNull();
      expect((await store().heartbeat()).heartbeat).toEqual(before);
      expect(await sweep()).toEqual(NOTHING);
      await swept();
      const leaseEnds = (await store().now()) + MINUTE;
      expect(await store().open(opening)).toMatchObject({ outcome: "opened", leaseEnds });
    });

    test("is recorded in a halt that began before it, and the same again changes nothing", async () => {
      await approach(await swept(), -HOUR);
      const startedAt = await store().now();
      const report = { startedAt, removed: NOTHING, worker: "one", run: "the first", maxAgeMs: MAX_AGE };
      const recorded = await recordSweep(store(), report);
      expect(recorded).toMatchObject({ startedAt });
      await bench().advance(2 * HOUR);
      expect(await recordSweep(store(), report)).toEqual(recorded);
    });
  });
}
