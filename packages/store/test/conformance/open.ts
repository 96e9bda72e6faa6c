import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { DAY, hash, liveSample, MINUTE, opened, sample } from "./sample.ts";

const NOT_FOUND = { outcome: "not_found" };

export function describeOpen({ bench, store }: Ground): void {
  describe("open", () => {
    test("hands part 0 to a claim, with what its reader needs to know", async () => {
      const secret = await liveSample(store(), { parts: 3, reads: 2 });
      const now = await store().now();
      expect(await store().open(secret.opening())).toEqual({
        outcome: "opened",
        part: secret.parts[0],
        parts: 3,
        bytes: secret.reservation.bytes,
        readsLeft: 1,
        leaseEnds: now + MINUTE,
      });
    });

    test("does not tell an unknown id, a wrong link and a reservation apart", async () => {
      const reserved = sample({ parts: 2 });
      await store().reserve(reserved.reservation);
      await store().deposit(reserved.deposit(0));
      const secret = await liveSample(store(), { passphrase: true });
      const kept = await bench().dump();
      expect(await store().open(sample().opening())).toEqual(NOT_FOUND);
      expect(await store().open(reserved.opening())).toEqual(NOT_FOUND);
      expect(await store().open({ ...secret.opening(), link: hash() })).toEqual(NOT_FOUND);
      expect(await bench().dump()).toBe(kept);
    });

    test("without the link counts nothing, however often, and the rightful reader still reads", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      const kept = await bench().dump();
      for (let i = 0; i < 200; i++) {
        expect(await store().open({ ...secret.guess(), link: hash() })).toEqual(NOT_FOUND);
      }
      expect(await bench().dump()).toBe(kept);
      expect((await opened(store(), secret.opening())).part).toEqual(secret.parts[0]);
    });

    test("without the link finds nothing after the end either", async () => {
      const secret = await liveSample(store());
      await store().burn(secret.byManage);
      expect(await store().open({ ...secret.opening(), link: hash() })).toEqual(NOT_FOUND);
    });

    test("gives the same claim the same bytes within its lease, and any other claim nothing", async () => {
      const secret = await liveSample(store());
      const boundAt = await store().now();
      const opening = secret.opening();
      const first = await opened(store(), opening);
      const kept = await bench().dump();
      await bench().advance(MINUTE - 1);
      expect(await store().open(opening)).toEqual(first);
      expect(await store().open(secret.opening(opening.claim))).toEqual(first);
      expect(await store().open(secret.opening())).toEqual({
        outcome: "gone",
        state: "opened",
        endedAt: boundAt,
      });
      expect(await bench().dump()).toBe(kept);
    });

    test("hands a secret to exactly one of fifty openers", async () => {
      const secret = await liveSample(store());
      const answers = await Promise.all(Array.from({ length: 50 }, () => store().open(secret.opening())));
      expect(answers.filter((answer) => answer.outcome === "opened")).toHaveLength(1);
      expect(answers.filter((answer) => answer.outcome === "gone")).toHaveLength(49);
    });

    test("takes one read for fifty requests of the same claim", async () => {
      const secret = await liveSample(store(), { reads: 2 });
      const claim = hash();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => store().open(secret.opening(claim))),
      );
      for (const answer of answers) expect(answer).toMatchObject({ outcome: "opened", readsLeft: 1 });
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "opened", readsLeft: 0 });
    });

    test("with nothing but another secret's link, claim or manage token finds nothing", async () => {
      const one = await liveSample(store());
      const other = await liveSample(store(), { parts: 2 });
      const opening = one.opening();
      await opened(store(), opening);
      const kept = await bench().dump();
      expect(await store().open({ ...opening, id: other.id })).toEqual(NOT_FOUND);
      expect(await store().part({ id: other.id, claim: opening.claim, part: 0 })).toEqual(NOT_FOUND);
      expect(await store().acknowledge({ id: other.id, claim: opening.claim })).toEqual(NOT_FOUND);
      expect(await store().status({ id: other.id, link: one.reservation.link })).toEqual(NOT_FOUND);
      expect(await store().status({ id: other.id, manage: one.reservation.manage })).toEqual(NOT_FOUND);
      expect(await store().burn({ id: other.id, manage: one.reservation.manage })).toEqual(NOT_FOUND);
      expect(await store().burn({ id: other.id, manage: other.reservation.link })).toEqual(NOT_FOUND);
      expect(await store().open({ ...other.opening(), link: other.reservation.manage })).toEqual(NOT_FOUND);
      expect(await bench().dump()).toBe(kept);
    });
  });

  describe("acknowledge", () => {
    test("destroys the parts, and again is acknowledged", async () => {
      const secret = await liveSample(store(), { parts: 2 });
      const opening = secret.opening();
      await opened(store(), opening);
      const endedAt = await store().now();
      const request = { id: secret.id, claim: opening.claim };
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      const kept = await bench().dump();
      await bench().advance(MINUTE);
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      expect(await bench().dump()).toBe(kept);
      const gone = { outcome: "gone", state: "opened", endedAt };
      expect(await store().open(opening)).toEqual(gone);
      expect(await store().open(secret.opening())).toEqual(gone);
      expect(await store().part({ ...request, part: 1 })).toEqual(gone);
    });

    test("by a foreign claim, before any open, or of a reservation finds nothing", async () => {
      const reserved = sample();
      await store().reserve(reserved.reservation);
      const secret = await liveSample(store());
      const kept = await bench().dump();
      expect(await store().acknowledge({ id: secret.id, claim: hash() })).toEqual(NOT_FOUND);
      expect(await store().acknowledge({ id: reserved.id, claim: hash() })).toEqual(NOT_FOUND);
      expect(await store().acknowledge({ id: sample().id, claim: hash() })).toEqual(NOT_FOUND);
      expect(await bench().dump()).toBe(kept);
      await opened(store(), secret.opening());
      const claimed = await bench().dump();
      expect(await store().acknowledge({ id: secret.id, claim: hash() })).toEqual(NOT_FOUND);
      expect(await bench().dump()).toBe(claimed);
      expect(await bench().hasCiphertext(secret.id)).toBe(true);
    });

    test("after the lease is acknowledged still, leaves no ciphertext, and does not move the end", async () => {
      const secret = await liveSample(store());
      const opening = secret.opening();
      const { leaseEnds } = await opened(store(), opening);
      await bench().advance(2 * MINUTE);
      const request = { id: secret.id, claim: opening.claim };
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      expect(await store().open(opening)).toEqual({ outcome: "gone", state: "opened", endedAt: leaseEnds });
    });

    test("is forgotten with the tombstone", async () => {
      const secret = await liveSample(store());
      const opening = secret.opening();
      await opened(store(), opening);
      const request = { id: secret.id, claim: opening.claim };
      await store().acknowledge(request);
      await bench().advance(DAY - 1);
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      await bench().advance(1);
      expect(await store().acknowledge(request)).toEqual(NOT_FOUND);
    });
  });
}
