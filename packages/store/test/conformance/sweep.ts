import { describe, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { countOverdue } from "../sweeps.ts";
import type { Ground } from "./harness.ts";
import { DAY, HOUR, liveSample, MINUTE, opened, sample } from "./sample.ts";

const NOTHING = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };

export function describeSweep({ bench, store, harness }: Ground): void {
  /** Two of each kind that is due, and one of each that is not. */
  const mess = async () => {
    for (let i = 0; i < 2; i++)
      await store().burn((await liveSample(store(), { lifetimeMs: HOUR })).byManage);
    await bench().advance(DAY - 2 * HOUR);
    const due = [
      await liveSample(store(), { lifetimeMs: HOUR }),
      await liveSample(store(), { lifetimeMs: HOUR }),
    ];
    await bench().advance(2 * HOUR - 20 * MINUTE);
    for (let i = 0; i < 2; i++) {
      const abandoned = sample({ parts: 2 });
      await store().reserve(abandoned.reservation);
      await store().deposit(abandoned.deposit(0));
      const read = await liveSample(store(), { parts: 2 });
      await opened(store(), read.opening());
      due.push(abandoned, read);
    }
    await bench().advance(20 * MINUTE);
    const live = await liveSample(store());
    const read = await liveSample(store());
    const opening = read.opening();
    await opened(store(), opening);
    const burned = await liveSample(store());
    await store().burn(burned.byManage);
    const reserved = sample({ parts: 2 });
    await store().reserve(reserved.reservation);
    await store().deposit(reserved.deposit(0));
    return { due, live, read, opening, burned, reserved };
  };

  describe("sweep", () => {
    test("of an empty store removes nothing", async () => {
      expect(await store().sweep({ batch: 10 })).toEqual(NOTHING);
      expect(await countOverdue(store(), await store().now(), { batch: 10 })).toBe(0);
    });

    for (const batch of [1, 3, 1_000]) {
      test(`removes each kind that is due and nothing else, in batches of ${batch}`, async () => {
        const { due, live, read, opening, burned, reserved } = await mess();
        const asOf = await store().now();
        expect(await countOverdue(store(), asOf, { batch })).toBe(8);
        expect(await store().sweep({ batch })).toEqual({
          ...NOTHING,
          expired: 2,
          leases: 2,
          reservations: 2,
          tombstones: 2,
        });
        expect(await countOverdue(store(), asOf, { batch })).toBe(0);
        for (const secret of due) expect(await bench().hasCiphertext(secret.id)).toBe(false);
        expect(await bench().recordCount()).toBe(8);
        expect(await store().sweep({ batch })).toEqual(NOTHING);
        expect(await store().open(opening)).toMatchObject({ outcome: "opened", part: read.parts[0] });
        expect(await store().burn(burned.byManage)).toEqual({ outcome: "burned" });
        expect(await store().deposit(reserved.deposit(1))).toMatchObject({ outcome: "live" });
        expect((await opened(store(), live.opening())).part).toEqual(live.parts[0]);
      });
    }

    test("changes no answer to any caller", async () => {
      const { due, live, read, burned, reserved } = await mess();
      const all = [...due, live, read, burned, reserved];
      const answers = async () => [
        await Promise.all(all.map((secret) => store().status(secret.byManage))),
        await Promise.all(all.map((secret) => store().status(secret.byLink))),
      ];
      const before = await answers();
      await store().sweep({ batch: 2 });
      expect(await answers()).toEqual(before);
    });

    test("broken data is overdue until a sweep has removed it", async () => {
      const live = await liveSample(store());
      expect(bench().breakages).not.toHaveLength(0);
      for (const breakage of bench().breakages) {
        await breakage.plant();
        const asOf = await store().now();
        expect(await countOverdue(store(), asOf, { batch: 10 }), breakage.name).toBeGreaterThan(0);
        const removed = await store().sweep({ batch: 10 });
        expect(removed.orphans, breakage.name).toBeGreaterThan(0);
        expect(await countOverdue(store(), asOf, { batch: 10 }), breakage.name).toBe(0);
      }
      expect((await opened(store(), live.opening())).part).toEqual(live.parts[0]);
    });

    test("that was told to stop before it began throws, and removes nothing", async () => {
      await mess();
      const kept = await bench().dump();
      const options = { batch: 1, signal: AbortSignal.abort() };
      await expect(store().sweep(options)).rejects.toEqual(new StoreUnavailable("aborted"));
      await expect(countOverdue(store(), 0, options)).rejects.toEqual(new StoreUnavailable("aborted"));
      expect(await bench().dump()).toBe(kept);
    });

    test("lets other callers in while it runs, and keeps what they do", async () => {
      for (let i = 0; i < 30; i++) await liveSample(store(), { lifetimeMs: HOUR });
      await bench().advance(HOUR);
      const sweep = store().sweep({ batch: 1 });
      const secret = await liveSample(store());
      const answer = await opened(store(), secret.opening());
      expect(await sweep).toEqual({ ...NOTHING, expired: 30 });
      expect(answer.part).toEqual(secret.parts[0]);
      expect(await store().status(secret.byManage)).toMatchObject({ state: "claimed" });
    });

    test("counts as overdue only what was due at the given time", async () => {
      await liveSample(store(), { lifetimeMs: HOUR });
      const expiresAt = (await store().now()) + HOUR;
      await bench().advance(2 * HOUR);
      expect(await countOverdue(store(), expiresAt - 1, { batch: 10 })).toBe(0);
      expect(await countOverdue(store(), expiresAt, { batch: 10 })).toBe(1);
    });

    test("finds the rules of the store under test kept", async () => {
      const behind = harness.supports.clockBehind === undefined ? [] : [expect.stringMatching(/clock/)];
      expect(await store().ruleFaults()).toEqual(behind);
    });
  });
}
