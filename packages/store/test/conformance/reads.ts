import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { DAY, hash, liveSample, MINUTE, opened } from "./sample.ts";

export function describeReads({ bench, store }: Ground): void {
  describe("several reads", () => {
    test("are handed out one per claim, down to none", async () => {
      const secret = await liveSample(store(), { reads: 3 });
      for (const readsLeft of [2, 1, 0]) {
        expect(await store().open(secret.opening())).toMatchObject({
          outcome: "opened",
          part: secret.parts[0],
          readsLeft,
        });
      }
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "gone", state: "opened" });
    });

    test("raced for by fifty openers are handed out as often as there are reads", async () => {
      const secret = await liveSample(store(), { reads: 7 });
      const answers = await Promise.all(Array.from({ length: 50 }, () => store().open(secret.opening())));
      const left = answers.flatMap((answer) => (answer.outcome === "opened" ? [answer.readsLeft] : []));
      expect(left.map(Number).sort((a, b) => b - a)).toEqual([6, 5, 4, 3, 2, 1, 0]);
    });

    test("that are refused before any lease has ended tell when the last read was taken", async () => {
      const secret = await liveSample(store(), { reads: 2 });
      await opened(store(), secret.opening());
      await bench().advance(10_000);
      const lastReadAt = await store().now();
      await opened(store(), secret.opening());
      await bench().advance(10_000);
      const gone = { outcome: "gone", state: "opened", endedAt: lastReadAt };
      expect(await store().open(secret.opening())).toEqual(gone);
    });

    test("end for one claim without ending for the others", async () => {
      const secret = await liveSample(store(), { reads: 3 });
      const one = secret.opening();
      const { leaseEnds } = await opened(store(), one);
      await bench().advance(MINUTE);
      expect(await store().open(one)).toEqual({ outcome: "gone", state: "opened", endedAt: leaseEnds });
      const other = secret.opening();
      expect(await store().open(other)).toMatchObject({ outcome: "opened", readsLeft: 1 });
      const acknowledgedAt = await store().now();
      await store().acknowledge({ id: secret.id, claim: other.claim });
      await bench().advance(1_000);
      expect(await store().open(other)).toEqual({
        outcome: "gone",
        state: "opened",
        endedAt: acknowledgedAt,
      });
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "opened", readsLeft: 0 });
    });

    test("keep the bytes until the last lease has ended or was acknowledged", async () => {
      const secret = await liveSample(store(), { reads: 2 });
      const one = secret.opening();
      const other = secret.opening();
      await opened(store(), one);
      await bench().advance(30_000);
      await opened(store(), other);
      await store().acknowledge({ id: secret.id, claim: one.claim });
      expect(await bench().hasCiphertext(secret.id)).toBe(true);
      expect(await store().open(other)).toMatchObject({ outcome: "opened" });
      await store().acknowledge({ id: secret.id, claim: other.claim });
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
    });

    test("end with the lease that runs longest of those not acknowledged", async () => {
      const secret = await liveSample(store(), { reads: 2 });
      const one = secret.opening();
      const other = secret.opening();
      const { leaseEnds } = await opened(store(), one);
      await bench().advance(30_000);
      await opened(store(), other);
      await bench().advance(10_000);
      await store().acknowledge({ id: secret.id, claim: other.claim });
      expect(await bench().hasCiphertext(secret.id)).toBe(true);
      await bench().advance(20_000);
      expect(await store().status(secret.byLink)).toMatchObject({ state: "opened", endedAt: leaseEnds });
      await store().sweep({ batch: 10 });
      expect(await store().status(secret.byLink)).toMatchObject({ state: "opened", endedAt: leaseEnds });
    });

    test("are over soon after the last acknowledgement, though another lease ended without one", async () => {
      const secret = await liveSample(store(), { reads: 2 });
      await opened(store(), secret.opening());
      await bench().advance(30_000);
      const other = secret.opening();
      await opened(store(), other);
      await bench().advance(40_000);
      const endedAt = await store().now();
      await store().acknowledge({ id: secret.id, claim: other.claim });
      expect(await store().status(secret.byLink)).toMatchObject({ state: "opened", endedAt });
      await store().endDue(10);
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      expect(await store().status(secret.byLink)).toMatchObject({ state: "opened", endedAt });
    });

    test("survive an acknowledgement while reads are left", async () => {
      const secret = await liveSample(store(), { reads: 2 });
      const one = secret.opening();
      await opened(store(), one);
      await store().acknowledge({ id: secret.id, claim: one.claim });
      expect(await bench().hasCiphertext(secret.id)).toBe(true);
      expect(await store().status(secret.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
    });
  });

  describe("unlimited reads", () => {
    test("are handed to everyone until the time is over", async () => {
      const secret = await liveSample(store(), { reads: "unlimited", lifetimeMs: DAY });
      const expiresAt = (await store().now()) + DAY;
      for (let i = 0; i < 20; i++) {
        const opening = secret.opening();
        expect(await store().open(opening)).toMatchObject({ outcome: "opened", readsLeft: "unlimited" });
        if (i % 2) await store().acknowledge({ id: secret.id, claim: opening.claim });
        await bench().advance(MINUTE);
      }
      expect(await store().status(secret.byLink)).toMatchObject({ state: "live", readsLeft: "unlimited" });
      await bench().advance(DAY - 20 * MINUTE);
      const gone = { outcome: "gone", state: "expired", endedAt: expiresAt };
      expect(await store().open(secret.opening())).toEqual(gone);
      expect(await store().status(secret.byLink)).toMatchObject({ state: "expired", readsLeft: 0 });
    });

    test("remember an acknowledged claim until its lease would have ended by itself", async () => {
      const secret = await liveSample(store(), { reads: "unlimited" });
      const opening = secret.opening();
      const request = { id: secret.id, claim: opening.claim };
      await opened(store(), opening);
      await bench().advance(10_000);
      await store().acknowledge(request);
      const endedAt = await store().now();
      await bench().advance(MINUTE - 10_001);
      await opened(store(), secret.opening());
      expect(await store().acknowledge(request)).toEqual({ outcome: "acknowledged" });
      expect(await store().open(opening)).toEqual({ outcome: "gone", state: "opened", endedAt });
      await bench().advance(1);
      await opened(store(), secret.opening());
      expect(await store().acknowledge(request)).toEqual({ outcome: "not_found" });
    });

    test("keep at most a thousand leases at once, and go on when some have ended", async () => {
      const secret = await liveSample(store(), { reads: "unlimited" });
      const claims = Array.from({ length: 1_000 }, () => hash());
      // In groups: a thousand steps at once could take longer than one step may.
      for (let from = 0; from < claims.length; from += 50) {
        const group = claims.slice(from, from + 50);
        const answers = await Promise.all(group.map((claim) => store().open(secret.opening(claim))));
        for (const answer of answers) expect(answer.outcome).toBe("opened");
      }
      const kept = await bench().dump();
      expect(await store().open(secret.opening())).toEqual({ outcome: "busy" });
      expect(await bench().dump()).toBe(kept);
      expect(await store().open(secret.opening(claims[0]))).toMatchObject({ outcome: "opened" });
      await store().acknowledge({ id: secret.id, claim: claims[0] ?? hash() });
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "opened" });
      expect(await store().open(secret.opening())).toEqual({ outcome: "busy" });
      await bench().advance(MINUTE);
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "opened" });
    });
  });
}
