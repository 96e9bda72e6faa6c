import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { DAY, HOUR, hash, liveSample, MINUTE, opened } from "./sample.ts";

export function describeExpiry({ bench, store, harness }: Ground): void {
  describe("expiry", () => {
    test("is exact to the millisecond, without any sweep", async () => {
      const secret = await liveSample(store(), { reads: 2, lifetimeMs: HOUR });
      const expiresAt = (await store().now()) + HOUR;
      await bench().advance(HOUR - 1);
      const opening = secret.opening();
      expect(await store().open(opening)).toMatchObject({ outcome: "opened", readsLeft: 1 });
      await bench().advance(1);
      const gone = { outcome: "gone", state: "expired", endedAt: expiresAt };
      expect(await store().open(secret.opening())).toEqual(gone);
      expect(await store().open(opening)).toEqual(gone);
      expect(await store().deposit(secret.deposit(0))).toEqual(gone);
      expect(await store().part({ id: secret.id, claim: opening.claim, part: 0 })).toEqual(gone);
      expect(await store().open({ ...opening, link: hash() })).toEqual({ outcome: "not_found" });
    });

    test("spends no attempt and asks for no passphrase", async () => {
      const secret = await liveSample(store(), { passphrase: true, lifetimeMs: HOUR });
      await bench().advance(HOUR);
      expect(await store().open({ ...secret.opening(), passphrase: null })).toMatchObject({
        state: "expired",
      });
      expect(await store().open(secret.guess())).toMatchObject({ outcome: "gone", state: "expired" });
    });

    test("is never undone by a clock that is set back, nor by a restart", async () => {
      const secret = await liveSample(store(), { lifetimeMs: HOUR });
      await bench().advance(HOUR);
      const seen = await store().now();
      await bench().setClockBack(2 * HOUR);
      expect(await store().now()).toBeGreaterThanOrEqual(seen);
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "gone", state: "expired" });
      await bench().reopen();
      expect(await store().now()).toBeGreaterThanOrEqual(seen);
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "gone", state: "expired" });
      expect(await store().status(secret.byManage)).toMatchObject({ state: "expired", endedAt: seen });
    });

    test("leaves live secrets, leases and tombstones as they were over a restart", async () => {
      const secret = await liveSample(store());
      const read = await liveSample(store());
      const burned = await liveSample(store());
      const opening = read.opening();
      const first = await opened(store(), opening);
      await store().burn(burned.byManage);
      const kept = await bench().dump();
      await bench().reopen();
      expect(await bench().dump()).toBe(kept);
      expect(await store().open(opening)).toEqual(first);
      expect(await store().burn(burned.byManage)).toEqual({ outcome: "burned" });
      expect((await opened(store(), secret.opening())).part).toEqual(secret.parts[0]);
    });
  });

  describe("tombstone", () => {
    test("stays to the original expiry when that is later than a day", async () => {
      const secret = await liveSample(store(), { lifetimeMs: 5 * DAY });
      await store().burn(secret.byManage);
      await bench().advance(5 * DAY - 1);
      await store().sweep({ batch: 10 });
      expect(await store().status(secret.byManage)).toMatchObject({ state: "burned" });
      await bench().advance(1);
      expect(await store().status(secret.byManage)).toEqual({ outcome: "not_found" });
      expect(await store().open(secret.opening())).toEqual({ outcome: "not_found" });
      await store().sweep({ batch: 10 });
      expect(await bench().recordCount()).toBe(0);
    });

    test("stays a day after the end at least, swept or not", async () => {
      const swept = await liveSample(store(), { lifetimeMs: HOUR });
      await bench().advance(HOUR);
      await store().sweep({ batch: 10 });
      const unswept = await liveSample(store(), { lifetimeMs: HOUR });
      await bench().advance(DAY - 1);
      expect(await store().status(swept.byLink)).toMatchObject({ state: "expired" });
      await bench().advance(1);
      expect(await store().status(swept.byLink)).toEqual({ outcome: "not_found" });
      await bench().advance(HOUR - 1);
      expect(await store().status(unswept.byLink)).toMatchObject({ state: "expired" });
      await bench().advance(1);
      expect(await store().status(unswept.byLink)).toEqual({ outcome: "not_found" });
      expect(await store().open(unswept.opening())).toEqual({ outcome: "not_found" });
    });

    test("stays 31 days after the end at most", async () => {
      const secret = await liveSample(store(), { lifetimeMs: 40 * DAY });
      await store().burn(secret.byManage);
      await bench().advance(31 * DAY - 1);
      expect(await store().status(secret.byManage)).toMatchObject({ state: "burned" });
      await bench().advance(1);
      expect(await store().status(secret.byManage)).toEqual({ outcome: "not_found" });
    });
  });

  describe("endDue", () => {
    const due = async () => {
      const expired = await liveSample(store(), { lifetimeMs: HOUR, parts: 2 });
      await bench().advance(HOUR - 2 * MINUTE);
      const read = await liveSample(store());
      const kept = await liveSample(store(), { reads: "unlimited" });
      await opened(store(), read.opening());
      await opened(store(), kept.opening());
      await bench().advance(2 * MINUTE);
      return { expired, read, kept };
    };

    test("destroys ended leases and expired secrets, at most as many as it is told", async () => {
      const { expired, read, kept } = await due();
      if (harness.supports.endDue !== true) {
        expect(await store().endDue(100)).toBe(0);
        return;
      }
      expect(await store().endDue(1)).toBe(1);
      expect(await store().endDue(100)).toBe(1);
      expect(await store().endDue(100)).toBe(0);
      expect(await bench().hasCiphertext(expired.id)).toBe(false);
      expect(await bench().hasCiphertext(read.id)).toBe(false);
      expect(await bench().hasCiphertext(kept.id)).toBe(true);
    });

    test("changes no answer", async () => {
      const secrets = Object.values(await due());
      const answers = () => Promise.all(secrets.map((secret) => store().status(secret.byManage)));
      const before = await answers();
      await store().endDue(100);
      expect(await answers()).toEqual(before);
    });
  });
}
