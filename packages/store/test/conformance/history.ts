import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Restored, type Store, StoreRefused, StoreUnavailable } from "../../src/index.ts";
import { countOverdue, recordSweep } from "../sweeps.ts";
import { hash, liveSample, opened, type Sample, sample } from "./sample.ts";

/** A store whose processes come and go, and whose data are copied and put back. */
export interface HistoryBench {
  /** A process starts. @throws StoreRefused */
  start(restored?: Restored): Promise<Store>;
  /** A process comes to its end in good order. */
  stop(store: Store): Promise<void>;
  /** So much time passes that nothing which was done can be lost by design any more. */
  later(store: Store): Promise<void>;
  /** Copies the data, as a backup does it. */
  copy(): Promise<void>;
  /** Puts the copy in the place of the data. */
  putBack(): Promise<void>;
  /** Puts data and marks into another place, where the next process starts. */
  move(): Promise<void>;
  /** Takes all marks away. */
  loseMarks(): void;
  close(): Promise<void>;
}

export interface HistoryHarness {
  readonly name: string;
  open(): Promise<HistoryBench>;
}

const REFUSED = [
  "The store is younger than its mark: it was put back from a copy. Secrets that were read since then are unread in the copy.",
  expect.stringMatching(
    /^To continue without anything that was stored before, set MAYFLY_RESTORED=discard:[0-9a-f]{12}$/,
  ),
  expect.stringMatching(
    /^To keep everything, because the store was moved on purpose and nothing was read since, set MAYFLY_RESTORED=accept:[0-9a-f]{12}$/,
  ),
];
const ROLLED_BACK = new StoreUnavailable("rolled_back");

/** The sentences of a refused start. */
export async function refusal(start: Promise<Store>): Promise<readonly string[]> {
  const refused = await start.then(
    async (store) => {
      await store.close();
      return null;
    },
    (error: unknown) => error,
  );
  if (refused instanceof StoreRefused) return refused.faults;
  throw refused ?? new Error("the start was not refused");
}

export function codeIn(faults: readonly string[]): string {
  const code = /MAYFLY_RESTORED=\w+:(\w+)/.exec(faults.join("\n"))?.[1];
  if (code === undefined) throw new Error("no code was told");
  return code;
}

export async function sweepOnce(store: Store) {
  const startedAt = await store.now();
  const removed = await store.sweep({ batch: 10 });
  expect(await countOverdue(store, startedAt, { batch: 10 })).toBe(0);
  await recordSweep(store, { startedAt, removed, worker: "w", run: `run ${startedAt} ${Math.random()}` });
  return removed;
}

/** A secret that the copy has unread, and that was read and acknowledged since. */
export async function readSince(
  store: Store,
  copy: () => Promise<void>,
): Promise<{ secret: Sample; claim: Uint8Array }> {
  const secret = await liveSample(store, { parts: 2 });
  await copy();
  const { age } = await store.heartbeat();
  const claim = hash();
  await opened(store, secret.opening(claim));
  await store.acknowledge({ id: secret.id, claim });
  await isOlder(store, age);
  return { secret, claim };
}

/** Resolves when the store is older than this. */
export async function isOlder(store: Store, age: number): Promise<void> {
  await vi.waitUntil(async () => (await store.heartbeat()).age > age, { timeout: 20_000, interval: 10 });
}

/** The sentences about a store that was put back, run over any store. */
export function describeHistory(harness: HistoryHarness): void {
  const fresh = async () => {
    const bench = await harness.open();
    onTestFinished(() => bench.close());
    return bench;
  };
  /** A store that was read, stopped, and put back as it was before the read. */
  const rolledBack = async () => {
    const bench = await fresh();
    const store = await bench.start();
    const { secret } = await readSince(store, bench.copy);
    await bench.later(store);
    await bench.stop(store);
    await bench.putBack();
    return { bench, secret };
  };

  describe(`${harness.name}, put back from a copy,`, () => {
    test("is refused at the start, each time, with the two ways on", async () => {
      const { bench } = await rolledBack();
      const first = await refusal(bench.start());
      expect(first).toEqual(REFUSED);
      expect(await refusal(bench.start())).toEqual(first);
    });

    test("is refused with any code but the one that was told", async () => {
      const { bench } = await rolledBack();
      const wrong = { way: "discard", code: "0123456789ab" } as const;
      expect(await refusal(bench.start(wrong))).toEqual(REFUSED);
    });

    test("serves nothing of before when it is discarded, and the next sweep removes it", async () => {
      const { bench, secret } = await rolledBack();
      const store = await bench.start({ way: "discard", code: codeIn(await refusal(bench.start())) });
      expect(store.warnings).toEqual([]);
      expect(await store.open(secret.opening())).toEqual({ outcome: "not_found" });
      expect(await store.status(secret.byManage)).toEqual({ outcome: "not_found" });
      expect(await store.burn(secret.byManage)).toEqual({ outcome: "not_found" });
      const later = await liveSample(store, { parts: 2 });
      expect((await sweepOnce(store)).orphans).toBeGreaterThan(0);
      expect((await sweepOnce(store)).orphans).toBe(0);
      expect(await store.open(later.opening())).toMatchObject({ outcome: "opened" });
      const again = sample();
      const reservation = { ...again.reservation, id: secret.id };
      expect(await store.reserve(reservation)).toMatchObject({ outcome: "reserved" });
    });

    test("serves what it holds when it is accepted", async () => {
      const { bench, secret } = await rolledBack();
      const store = await bench.start({ way: "accept", code: codeIn(await refusal(bench.start())) });
      expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
      expect((await sweepOnce(store)).orphans).toBe(0);
    });

    test.each(["discard", "accept"] as const)(
      "is refused again when it is put back again, though the code of the first %s is still set",
      async (way) => {
        const { bench } = await rolledBack();
        const restored = { way, code: codeIn(await refusal(bench.start())) };
        const store = await bench.start(restored);
        await bench.later(store);
        await bench.stop(store);
        const plain = await bench.start(restored);
        await bench.stop(plain);
        await bench.putBack();
        const faults = await refusal(bench.start(restored));
        expect(faults).toEqual(REFUSED);
        expect(codeIn(faults)).not.toBe(restored.code);
      },
    );

    test("is noticed under a running process: every verb is refused, and no sweep heals it", async () => {
      const bench = await fresh();
      const store = await bench.start();
      const { secret } = await readSince(store, bench.copy);
      await bench.later(store);
      await bench.putBack();
      const { id } = secret;
      for (let round = 0; round < 2; round++) {
        await expect(store.open(secret.opening())).rejects.toEqual(ROLLED_BACK);
        await expect(store.part({ id, claim: hash(), part: 1 })).rejects.toEqual(ROLLED_BACK);
        await expect(store.status(secret.byLink)).rejects.toEqual(ROLLED_BACK);
        await expect(store.reserve(sample().reservation)).rejects.toEqual(ROLLED_BACK);
        await expect(store.deposit(secret.deposit(0))).rejects.toEqual(ROLLED_BACK);
        await expect(store.heartbeat()).rejects.toEqual(ROLLED_BACK);
        await expect(store.now()).rejects.toEqual(ROLLED_BACK);
        await expect(store.sweep({ batch: 10 })).rejects.toEqual(ROLLED_BACK);
      }
      expect(await refusal(bench.start())).toEqual(REFUSED);
    });

    test("is refused to every process, also to one that remembers nothing of it", async () => {
      const { bench } = await rolledBack();
      expect(await refusal(bench.start())).toEqual(REFUSED);
      bench.loseMarks();
      expect(await refusal(bench.start())).toEqual(REFUSED);
    });
  });

  describe(`${harness.name} goes on`, () => {
    test("after a stop in good order, and after one without", async () => {
      const bench = await fresh();
      const first = await bench.start();
      const { secret, claim } = await readSince(first, async () => undefined);
      const second = await bench.start();
      expect(second.warnings).toEqual([]);
      expect(await second.acknowledge({ id: secret.id, claim })).toEqual({ outcome: "acknowledged" });
      await bench.stop(first);
      await bench.stop(second);
      const third = await bench.start();
      expect(third.warnings).toEqual([]);
      expect(await third.status(secret.byLink)).toMatchObject({ state: "opened" });
    });

    test("when it is moved together with its marks", async () => {
      const bench = await fresh();
      const first = await bench.start();
      const secret = await liveSample(first);
      await bench.stop(first);
      await bench.move();
      const second = await bench.start();
      expect(second.warnings).toEqual([]);
      expect(await second.open(secret.opening())).toMatchObject({ outcome: "opened" });
    });

    test("with a warning, once, where its marks were lost", async () => {
      const bench = await fresh();
      const first = await bench.start();
      const secret = await liveSample(first);
      await bench.stop(first);
      bench.loseMarks();
      const second = await bench.start();
      expect(second.warnings).toEqual([expect.stringMatching(/^Nothing remembers this store's age/)]);
      expect(await second.open(secret.opening())).toMatchObject({ outcome: "opened" });
      const third = await bench.start();
      expect(third.warnings).toEqual([]);
    });
  });
}
