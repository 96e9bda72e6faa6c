import { describe, expect, test } from "vitest";
import { depositMs } from "../../src/index.ts";
import type { Ground } from "./harness.ts";
import { DAY, HOUR, hash, liveSample, MINUTE, opened, sample } from "./sample.ts";

export function describeStatus({ bench, store }: Ground): void {
  const both = async (secret: ReturnType<typeof sample>) => {
    const answer = await store().status(secret.byManage);
    expect(await store().status(secret.byLink)).toEqual(answer);
    return answer;
  };

  describe("status", () => {
    test("of a reservation is told to the sender only", async () => {
      const secret = sample({ parts: 2, reads: 5, passphrase: true });
      const depositBy = (await store().now()) + depositMs(secret.reservation.bytes);
      await store().reserve(secret.reservation);
      await store().deposit(secret.deposit(0));
      expect(await store().status(secret.byLink)).toEqual({ outcome: "not_found" });
      expect(await store().status(secret.byManage)).toEqual({
        outcome: "status",
        state: "reserved",
        expiresAt: depositBy,
        readsLeft: 5,
        passphrase: true,
        attemptsLeft: 10,
        openedAt: null,
        endedAt: null,
      });
    });

    test("follows a secret through its life, for the link and for the manage token alike", async () => {
      const secret = await liveSample(store(), { reads: 2 });
      const start = await store().now();
      const base = { outcome: "status", expiresAt: start + DAY, passphrase: false, attemptsLeft: null };
      const unread = { ...base, state: "live", readsLeft: 2, openedAt: null, endedAt: null };
      expect(await both(secret)).toEqual(unread);
      await bench().advance(1_000);
      await opened(store(), secret.opening());
      const openedAt = start + 1_000;
      expect(await both(secret)).toEqual({ ...unread, readsLeft: 1, openedAt });
      await bench().advance(1_000);
      await opened(store(), secret.opening());
      expect(await both(secret)).toEqual({ ...unread, state: "claimed", readsLeft: 0, openedAt });
      await bench().advance(MINUTE);
      const ended = { ...base, state: "opened", readsLeft: 0, openedAt, endedAt: openedAt + 1_000 + MINUTE };
      expect(await both(secret)).toEqual(ended);
      await store().sweep({ batch: 10 });
      expect(await both(secret)).toEqual(ended);
    });

    test("of an expired secret is the same before and after the sweep", async () => {
      const secret = await liveSample(store(), { lifetimeMs: HOUR, reads: "unlimited", passphrase: true });
      const start = await store().now();
      await store().open(secret.guess());
      await opened(store(), secret.opening());
      await bench().advance(HOUR);
      const ended = {
        outcome: "status",
        state: "expired",
        expiresAt: start + HOUR,
        readsLeft: 0,
        passphrase: true,
        attemptsLeft: 0,
        openedAt: start,
        endedAt: start + HOUR,
      };
      expect(await both(secret)).toEqual(ended);
      await store().sweep({ batch: 10 });
      expect(await both(secret)).toEqual(ended);
    });

    test("of a burned secret tells when, and nothing that is left", async () => {
      const secret = await liveSample(store(), { reads: 9, passphrase: true });
      const start = await store().now();
      await bench().advance(MINUTE);
      await store().burn(secret.byManage);
      expect(await both(secret)).toEqual({
        outcome: "status",
        state: "burned",
        expiresAt: start + DAY,
        readsLeft: 0,
        passphrase: true,
        attemptsLeft: 0,
        openedAt: null,
        endedAt: start + MINUTE,
      });
    });

    test("without link or manage token finds nothing, and changes nothing in any case", async () => {
      const secret = await liveSample(store());
      await opened(store(), secret.opening());
      const kept = await bench().dump();
      await both(secret);
      expect(await store().status({ id: secret.id, link: hash() })).toEqual({ outcome: "not_found" });
      expect(await store().status({ id: secret.id, manage: hash() })).toEqual({ outcome: "not_found" });
      expect(await store().status({ id: secret.id, link: secret.reservation.manage })).toEqual({
        outcome: "not_found",
      });
      expect(await store().status(sample().byLink)).toEqual({ outcome: "not_found" });
      await bench().advance(2 * DAY);
      await both(secret);
      expect(await bench().dump()).toBe(kept);
    });
  });
}
