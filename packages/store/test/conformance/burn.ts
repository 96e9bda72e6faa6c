import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { HOUR, hash, liveSample, MINUTE, opened, sample } from "./sample.ts";

export function describeBurn({ bench, store }: Ground): void {
  describe("burn", () => {
    test("destroys a live secret, and again is burned", async () => {
      const secret = await liveSample(store(), { parts: 2 });
      const endedAt = await store().now();
      expect(await store().burn(secret.byManage)).toEqual({ outcome: "burned" });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      const kept = await bench().dump();
      await bench().advance(MINUTE);
      expect(await store().burn(secret.byManage)).toEqual({ outcome: "burned" });
      expect(await bench().dump()).toBe(kept);
      expect(await store().open(secret.opening())).toEqual({ outcome: "gone", state: "burned", endedAt });
    });

    test("destroys what one reader is reading and others could have read, and keeps when it was opened", async () => {
      const secret = await liveSample(store(), { parts: 2, reads: 2 });
      const opening = secret.opening();
      const openedAt = await store().now();
      await opened(store(), opening);
      await bench().advance(1_000);
      const endedAt = await store().now();
      expect(await store().burn(secret.byManage)).toEqual({ outcome: "burned" });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      const gone = { outcome: "gone", state: "burned", endedAt };
      expect(await store().open(opening)).toEqual(gone);
      expect(await store().part({ id: secret.id, claim: opening.claim, part: 1 })).toEqual(gone);
      expect(await store().part({ id: secret.id, claim: hash(), part: 1 })).toEqual({ outcome: "not_found" });
      expect(await store().status(secret.byLink)).toMatchObject({ state: "burned", openedAt, endedAt });
    });

    test("with the last read taken cuts its lease, destroys at once and ends as opened, for somebody has read it", async () => {
      for (const reads of [1, 2]) {
        const secret = await liveSample(store(), { parts: 2, reads });
        const opening = secret.opening();
        const openedAt = await store().now();
        await opened(store(), opening);
        if (reads === 2) await opened(store(), secret.opening());
        await bench().advance(1_000);
        const endedAt = await store().now();
        const gone = { outcome: "gone", state: "opened", endedAt };
        expect(await store().burn(secret.byManage)).toEqual(gone);
        expect(await bench().hasCiphertext(secret.id)).toBe(false);
        await bench().advance(1_000);
        expect(await store().burn(secret.byManage)).toEqual(gone);
        expect(await store().open(opening)).toEqual(gone);
        expect(await store().open(secret.opening())).toEqual(gone);
        expect(await store().part({ id: secret.id, claim: opening.claim, part: 1 })).toEqual(gone);
        const told = { state: "opened", openedAt, endedAt };
        expect(await store().status(secret.byLink)).toMatchObject(told);
        expect(await store().sweep({ batch: 10 })).toMatchObject({ leases: 0, orphans: 0 });
        const request = { id: secret.id, claim: opening.claim };
        expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      }
    });

    test("destroys a reservation without trace", async () => {
      const secret = sample({ parts: 2 });
      await store().reserve(secret.reservation);
      await store().deposit(secret.deposit(0));
      expect(await store().burn(secret.byManage)).toEqual({ outcome: "burned" });
      expect(await bench().recordCount()).toBe(0);
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      expect(await store().burn(secret.byManage)).toEqual({ outcome: "not_found" });
      expect(await store().deposit(secret.deposit(1))).toEqual({ outcome: "not_found" });
    });

    test("without the manage token finds nothing", async () => {
      const secret = await liveSample(store());
      const kept = await bench().dump();
      expect(await store().burn({ id: secret.id, manage: hash() })).toEqual({ outcome: "not_found" });
      expect(await store().burn({ id: secret.id, manage: secret.reservation.link })).toEqual({
        outcome: "not_found",
      });
      expect(await store().burn(sample().byManage)).toEqual({ outcome: "not_found" });
      expect(await bench().dump()).toBe(kept);
    });

    test("of a secret that was read or locked answers how it ended", async () => {
      const read = await liveSample(store());
      const opening = read.opening();
      await opened(store(), opening);
      await store().acknowledge({ id: read.id, claim: opening.claim });
      const locked = await liveSample(store(), { passphrase: true });
      for (let i = 0; i < 10; i++) await store().open(locked.guess());
      const endedAt = await store().now();
      expect(await store().burn(read.byManage)).toEqual({ outcome: "gone", state: "opened", endedAt });
      expect(await store().burn(locked.byManage)).toEqual({ outcome: "gone", state: "locked", endedAt });
    });

    test("of an expired or fully read secret, swept or not, answers the true end and leaves no ciphertext", async () => {
      const expired = await liveSample(store(), { lifetimeMs: HOUR });
      const read = await liveSample(store());
      const start = await store().now();
      await opened(store(), read.opening());
      await bench().advance(2 * HOUR);
      const ends = [
        [expired, { outcome: "gone", state: "expired", endedAt: start + HOUR }],
        [read, { outcome: "gone", state: "opened", endedAt: start + MINUTE }],
      ] as const;
      for (const [secret, gone] of ends) {
        expect(await store().burn(secret.byManage)).toEqual(gone);
        expect(await bench().hasCiphertext(secret.id)).toBe(false);
      }
      await store().sweep({ batch: 10 });
      for (const [secret, gone] of ends) expect(await store().burn(secret.byManage)).toEqual(gone);
    });
  });
}
