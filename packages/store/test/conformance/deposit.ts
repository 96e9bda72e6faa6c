import { describe, expect, test } from "vitest";
import { depositMs, StoreUnavailable } from "../../src/index.ts";
import { countOverdue } from "../sweeps.ts";
import type { Ground } from "./harness.ts";
import { DAY, HOUR, hash, live, liveSample, MINUTE, opened, PART_BYTES, sample } from "./sample.ts";

export function describeDeposit({ bench, store, harness }: Ground): void {
  describe("reserve", () => {
    test("keeps a place for ten minutes and the time that the bytes take at 2 Mbit/s, parts included", async () => {
      const now = await store().now();
      const small = await store().reserve(sample().reservation);
      expect(small).toEqual({ outcome: "reserved", depositBy: now + 10 * MINUTE + 4 });
      const large = sample({ parts: 2, partBytes: 1_250_000 });
      const waits = 10 * MINUTE + 10_000;
      const reserved = { outcome: "reserved", depositBy: now + waits };
      expect(await store().reserve(large.reservation)).toEqual(reserved);
      await store().deposit(large.deposit(0));
      await bench().advance(waits - 1);
      expect(await countOverdue(store(), await store().now(), { batch: 10 })).toBe(1);
      await store().sweep({ batch: 10 });
      expect(await store().reserve(large.reservation)).toEqual(reserved);
      expect(await store().deposit(large.deposit(1))).toMatchObject({ outcome: "live" });
      const late = sample({ parts: 2, partBytes: 1_250_000 });
      await store().reserve(late.reservation);
      await store().deposit(late.deposit(0));
      await bench().advance(waits);
      expect(await store().deposit(late.deposit(1))).toEqual({ outcome: "not_found" });
      await store().sweep({ batch: 10 });
      expect(await bench().hasCiphertext(late.id)).toBe(false);
    });

    test("sent again is the same reservation", async () => {
      const secret = sample();
      const first = await store().reserve(secret.reservation);
      const kept = await bench().dump();
      await bench().advance(MINUTE);
      expect(await store().reserve(secret.reservation)).toEqual(first);
      expect(await bench().dump()).toBe(kept);
    });

    test("sent again with anything else in it is refused, before the deposit and after a read", async () => {
      const secret = sample({ reads: 3, passphrase: true });
      const { reservation } = secret;
      const others = [
        { reads: 2 },
        { reads: "unlimited" },
        { bytes: reservation.bytes - 1 },
        { partBytes: 2 * reservation.partBytes },
        { lifetimeMs: HOUR },
        { leaseMs: 2 * MINUTE },
        { link: hash() },
        { manage: hash() },
        { passphrase: hash() },
        { passphrase: null },
      ] as const;
      const expectTheSameOnly = async () => {
        const kept = await bench().dump();
        expect(await store().reserve(reservation)).toEqual(first);
        for (const other of others) {
          const call = store().reserve({ ...reservation, ...other });
          await expect(call, Object.keys(other).join()).rejects.toEqual(new StoreUnavailable("failed"));
        }
        expect(await bench().dump()).toBe(kept);
      };
      const first = await store().reserve(reservation);
      await expectTheSameOnly();
      await live(store(), secret);
      const openings = [secret.opening(), secret.opening()];
      for (const opening of openings) await opened(store(), opening);
      await store().acknowledge({ id: secret.id, claim: openings[0]?.claim ?? hash() });
      await expectTheSameOnly();
    });

    test("never takes over an id that holds another reservation or a secret", async () => {
      const secret = await liveSample(store());
      const kept = await bench().dump();
      const other = { ...sample().reservation, id: secret.id };
      await expect(store().reserve(other)).rejects.toThrow(StoreUnavailable);
      expect(await bench().dump()).toBe(kept);
    });

    test("never takes over the id of a secret that has ended, swept or not, while its tombstone lives", async () => {
      const burned = await liveSample(store());
      await store().burn(burned.byManage);
      const expired = await liveSample(store(), { lifetimeMs: HOUR });
      await bench().advance(HOUR);
      for (const { reservation } of [burned, expired]) {
        await expect(store().reserve(reservation)).rejects.toEqual(new StoreUnavailable("failed"));
        await store().sweep({ batch: 10 });
        await expect(store().reserve(reservation)).rejects.toEqual(new StoreUnavailable("failed"));
      }
      expect(await store().status(burned.byManage)).toMatchObject({ state: "burned" });
      expect(await store().status(expired.byManage)).toMatchObject({ state: "expired" });
    });

    test("takes an id again whose reservation or tombstone is past its time, swept or not, parts and all", async () => {
      const abandoned = sample({ parts: 2 });
      await store().reserve(abandoned.reservation);
      await store().deposit(abandoned.deposit(0));
      const expired = await liveSample(store(), { parts: 2, lifetimeMs: HOUR });
      await bench().advance(DAY + HOUR);
      for (const { id } of [abandoned, expired]) {
        const anew = sample({ parts: 2 });
        const mine = { ...anew.reservation, id };
        const now = await store().now();
        expect(await store().reserve(mine)).toEqual({
          outcome: "reserved",
          depositBy: now + depositMs(mine.bytes),
        });
        const first = { ...anew.deposit(0), id };
        expect(await store().deposit(first)).toEqual({ outcome: "incomplete", missing: [1] });
        expect(await store().deposit({ ...anew.deposit(1), id })).toMatchObject({ outcome: "live" });
        expect((await opened(store(), { ...anew.opening(), id })).part).toEqual(anew.parts[0]);
      }
    });

    test("answers full beyond the capacity, and keeps nothing", async () => {
      const small = await harness.open({ freeBytes: 0 });
      try {
        expect(await small.store().reserve(sample().reservation)).toEqual({ outcome: "full" });
        expect(await small.recordCount()).toBe(0);
      } finally {
        await small.close();
      }
    });

    test("is gone without trace when the deposit is not complete in time", async () => {
      const secret = sample({ parts: 2 });
      await store().reserve(secret.reservation);
      await store().deposit(secret.deposit(0));
      await bench().advance(depositMs(secret.reservation.bytes));
      expect(await store().deposit(secret.deposit(1))).toEqual({ outcome: "not_found" });
      expect(await store().status(secret.byManage)).toEqual({ outcome: "not_found" });
      expect(await store().burn(secret.byManage)).toEqual({ outcome: "not_found" });
      await store().sweep({ batch: 10 });
      expect(await bench().recordCount()).toBe(0);
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
    });

    test("is completed one millisecond before its end, and lives from then", async () => {
      const secret = sample({ lifetimeMs: DAY });
      await store().reserve(secret.reservation);
      await bench().advance(depositMs(secret.reservation.bytes) - 1);
      const now = await store().now();
      expect(await store().deposit(secret.deposit(0))).toEqual({ outcome: "live", expiresAt: now + DAY });
    });
  });

  describe("deposit", () => {
    test("tells which parts are missing, in whatever order they come", async () => {
      const secret = sample({ parts: 4 });
      await store().reserve(secret.reservation);
      expect(await store().deposit(secret.deposit(3))).toEqual({ outcome: "incomplete", missing: [0, 1, 2] });
      expect(await store().deposit(secret.deposit(1))).toEqual({ outcome: "incomplete", missing: [0, 2] });
      expect(await store().deposit(secret.deposit(1))).toEqual({ outcome: "incomplete", missing: [0, 2] });
      expect(await store().deposit(secret.deposit(2))).toEqual({ outcome: "incomplete", missing: [0] });
      expect(await store().deposit(secret.deposit(0))).toMatchObject({ outcome: "live" });
    });

    test("hands back every part as it came", async () => {
      const secret = sample({ parts: 3 });
      await live(store(), secret);
      const opening = secret.opening();
      expect((await opened(store(), opening)).part).toEqual(secret.parts[0]);
      for (const part of [1, 2, 0]) {
        const answer = await store().part({ id: secret.id, claim: opening.claim, part });
        expect(answer).toMatchObject({ outcome: "part", part: secret.parts[part] });
      }
    });

    test("the same bytes again succeed, keep one record and do not lengthen the life", async () => {
      const secret = sample();
      const expiresAt = await live(store(), secret);
      const kept = await bench().dump();
      await bench().advance(MINUTE);
      expect(await store().deposit(secret.deposit(0))).toEqual({ outcome: "live", expiresAt });
      expect(await bench().dump()).toBe(kept);
    });

    test("the same bytes again succeed while a reader holds the last lease", async () => {
      const secret = sample();
      const expiresAt = await live(store(), secret);
      await opened(store(), secret.opening());
      expect(await store().deposit(secret.deposit(0))).toEqual({ outcome: "live", expiresAt });
    });

    test("other bytes conflict, before and after the secret is live, and the first stay", async () => {
      const secret = sample({ parts: 2 });
      await store().reserve(secret.reservation);
      await store().deposit(secret.deposit(0));
      const early = { ...secret.deposit(0), bytes: new Uint8Array(PART_BYTES) };
      expect(await store().deposit(early)).toEqual({ outcome: "conflict" });
      await store().deposit(secret.deposit(1));
      const kept = await bench().dump();
      expect(await store().deposit(early)).toEqual({ outcome: "conflict" });
      const late = { ...secret.deposit(1), bytes: new Uint8Array(900) };
      expect(await store().deposit(late)).toEqual({ outcome: "conflict" });
      expect(await bench().dump()).toBe(kept);
      expect((await opened(store(), secret.opening())).part).toEqual(secret.parts[0]);
    });

    test("refuses a wrong length and a part that was not reserved", async () => {
      const secret = sample({ parts: 2 });
      await store().reserve(secret.reservation);
      const kept = await bench().dump();
      const sized = (part: number, bytes: number) =>
        store().deposit({ ...secret.byManage, part, bytes: new Uint8Array(bytes) });
      expect(await sized(0, PART_BYTES - 1)).toEqual({ outcome: "wrong_length", expected: PART_BYTES });
      expect(await sized(0, PART_BYTES + 1)).toEqual({ outcome: "wrong_length", expected: PART_BYTES });
      expect(await sized(0, 0)).toEqual({ outcome: "wrong_length", expected: PART_BYTES });
      expect(await sized(1, PART_BYTES)).toEqual({ outcome: "wrong_length", expected: 900 });
      expect(await sized(2, 900)).toEqual({ outcome: "wrong_length", expected: null });
      expect(await sized(16_383, 900)).toEqual({ outcome: "wrong_length", expected: null });
      expect(await sized(-1, 900)).toEqual({ outcome: "wrong_length", expected: null });
      expect(await sized(0.5, 900)).toEqual({ outcome: "wrong_length", expected: null });
      expect(await bench().dump()).toBe(kept);
    });

    test("without the manage token finds nothing, whatever its length", async () => {
      const secret = sample();
      await store().reserve(secret.reservation);
      const kept = await bench().dump();
      const foreign = { ...secret.deposit(0), manage: hash() };
      expect(await store().deposit(foreign)).toEqual({ outcome: "not_found" });
      expect(await store().deposit({ ...foreign, bytes: new Uint8Array(7) })).toEqual({
        outcome: "not_found",
      });
      expect(await store().deposit(sample().deposit(0))).toEqual({ outcome: "not_found" });
      expect(await bench().dump()).toBe(kept);
    });

    test("after the end answers how it ended", async () => {
      const secret = await liveSample(store());
      const endedAt = await store().now();
      await store().burn(secret.byManage);
      expect(await store().deposit(secret.deposit(0))).toEqual({ outcome: "gone", state: "burned", endedAt });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
    });
  });
}
