import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { HOUR, hash, liveSample, MINUTE, opened } from "./sample.ts";

export function describeLease({ bench, store }: Ground): void {
  describe("lease", () => {
    test("ends to the millisecond, destroys and never re-offers", async () => {
      const secret = await liveSample(store(), { parts: 2 });
      const opening = secret.opening();
      const { leaseEnds } = await opened(store(), opening);
      await bench().advance(MINUTE - 1);
      expect(await store().open(opening)).toMatchObject({ outcome: "opened", leaseEnds });
      await bench().advance(1);
      const gone = { outcome: "gone", state: "opened", endedAt: leaseEnds };
      expect(await store().open(opening)).toEqual(gone);
      expect(await store().open(secret.opening())).toEqual(gone);
      expect(await store().part({ id: secret.id, claim: opening.claim, part: 1 })).toEqual(gone);
      await store().sweep({ batch: 10 });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      expect(await store().open(opening)).toEqual(gone);
    });

    test("of 0 destroys in the very step that reads", async () => {
      const secret = await liveSample(store(), { leaseMs: 0 });
      const now = await store().now();
      const opening = secret.opening();
      expect(await store().open(opening)).toMatchObject({
        outcome: "opened",
        part: secret.parts[0],
        readsLeft: 0,
        leaseEnds: now,
      });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      expect(await store().open(opening)).toEqual({ outcome: "gone", state: "opened", endedAt: now });
      const request = { id: secret.id, claim: opening.claim };
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
    });

    test("of 0 leaves the bytes to the readers that are left", async () => {
      const secret = await liveSample(store(), { leaseMs: 0, reads: 2 });
      const first = secret.opening();
      expect(await store().open(first)).toMatchObject({ outcome: "opened", readsLeft: 1 });
      expect(await store().open(first)).toMatchObject({ outcome: "gone", state: "opened" });
      expect(await bench().hasCiphertext(secret.id)).toBe(true);
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "opened", readsLeft: 0 });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
    });

    test("never outlives the secret's expiry", async () => {
      const secret = await liveSample(store(), { lifetimeMs: HOUR });
      await bench().advance(HOUR - 5_000);
      const expiresAt = (await store().now()) + 5_000;
      const opening = secret.opening();
      expect(await store().open(opening)).toMatchObject({ outcome: "opened", leaseEnds: expiresAt });
      await bench().advance(4_999);
      expect(await store().open(opening)).toMatchObject({ outcome: "opened" });
      await bench().advance(1);
      expect(await store().open(opening)).toEqual({ outcome: "gone", state: "opened", endedAt: expiresAt });
    });

    test("is renewed by each part that is fetched, and not by opening again", async () => {
      const secret = await liveSample(store(), { parts: 3 });
      const opening = secret.opening();
      const { leaseEnds } = await opened(store(), opening);
      const fetch = (part: number) => store().part({ id: secret.id, claim: opening.claim, part });
      await bench().advance(40_000);
      expect(await store().open(opening)).toMatchObject({ leaseEnds });
      expect(await fetch(1)).toMatchObject({ outcome: "part", leaseEnds: leaseEnds + 40_000 });
      await bench().advance(40_000);
      expect(await store().open(opening)).toMatchObject({ outcome: "opened", leaseEnds: leaseEnds + 40_000 });
      expect(await fetch(2)).toMatchObject({ outcome: "part", leaseEnds: leaseEnds + 80_000 });
      await bench().advance(MINUTE);
      expect(await fetch(2)).toEqual({ outcome: "gone", state: "opened", endedAt: leaseEnds + 80_000 });
    });

    test("is renewed for one hour and the time that the bytes take at 2 Mbit/s in all", async () => {
      const wish = { parts: 2, partBytes: 1_250_000, leaseMs: 30 * MINUTE };
      const secret = await liveSample(store(), wish);
      const opening = secret.opening();
      const { leaseEnds } = await opened(store(), opening);
      const boundAt = leaseEnds - 30 * MINUTE;
      const last = boundAt + HOUR + 10_000;
      const fetch = () => store().part({ id: secret.id, claim: opening.claim, part: 1 });
      await bench().advance(25 * MINUTE);
      expect(await fetch()).toMatchObject({ leaseEnds: boundAt + 55 * MINUTE });
      await bench().advance(25 * MINUTE);
      expect(await fetch()).toMatchObject({ leaseEnds: last });
      await bench().advance(10 * MINUTE + 9_999);
      await store().sweep({ batch: 10 });
      expect(await fetch()).toMatchObject({ outcome: "part", leaseEnds: last });
      await bench().advance(1);
      expect(await fetch()).toEqual({ outcome: "gone", state: "opened", endedAt: last });
    });

    test("is not renewed by part 0, so that the lease of one part ends when its open said", async () => {
      for (const parts of [1, 2]) {
        const secret = await liveSample(store(), { parts });
        const opening = secret.opening();
        const { leaseEnds } = await opened(store(), opening);
        await bench().advance(30_000);
        const kept = await bench().dump();
        const fetch = () => store().part({ id: secret.id, claim: opening.claim, part: 0 });
        expect(await fetch()).toEqual({ outcome: "part", part: secret.parts[0], leaseEnds });
        expect(await bench().dump()).toBe(kept);
        await bench().advance(30_000);
        expect(await fetch()).toEqual({ outcome: "gone", state: "opened", endedAt: leaseEnds });
      }
    });

    test("renewed never outlives the expiry", async () => {
      const secret = await liveSample(store(), { parts: 2, lifetimeMs: HOUR });
      await bench().advance(HOUR - 70_000);
      const expiresAt = (await store().now()) + 70_000;
      const opening = secret.opening();
      await opened(store(), opening);
      await bench().advance(30_000);
      const answer = await store().part({ id: secret.id, claim: opening.claim, part: 1 });
      expect(answer).toMatchObject({ outcome: "part", leaseEnds: expiresAt });
    });
  });

  describe("part", () => {
    test("is for a bound claim only, and for parts that exist", async () => {
      const secret = await liveSample(store(), { parts: 2 });
      const opening = secret.opening();
      const fetch = (part: number, claim = opening.claim) => store().part({ id: secret.id, claim, part });
      expect(await fetch(1)).toEqual({ outcome: "not_found" });
      await opened(store(), opening);
      await bench().advance(1_000);
      const kept = await bench().dump();
      expect(await fetch(1, hash())).toEqual({ outcome: "not_found" });
      expect(await fetch(2)).toEqual({ outcome: "not_found" });
      expect(await fetch(-1)).toEqual({ outcome: "not_found" });
      expect(await fetch(0.5)).toEqual({ outcome: "not_found" });
      expect(await bench().dump()).toBe(kept);
      expect(await fetch(1)).toMatchObject({ outcome: "part", part: secret.parts[1] });
    });

    test("after the acknowledgement is gone, while another reader still reads", async () => {
      const secret = await liveSample(store(), { parts: 2, reads: 2 });
      const one = secret.opening();
      const other = secret.opening();
      await opened(store(), one);
      await opened(store(), other);
      const endedAt = await store().now();
      await store().acknowledge({ id: secret.id, claim: one.claim });
      await bench().advance(1_000);
      expect(await store().part({ id: secret.id, claim: one.claim, part: 1 })).toEqual({
        outcome: "gone",
        state: "opened",
        endedAt,
      });
      expect(await store().part({ id: secret.id, claim: other.claim, part: 1 })).toMatchObject({
        outcome: "part",
      });
    });
  });
}
