import { expect, test } from "vitest";
import { CLOCK_BEHIND_MS } from "../../src/index.ts";
import { HOUR, liveSample, opened as openedSecret, sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import { type Opened, opened } from "./opened.ts";

const YEAR = 365 * 24 * HOUR;
const removed = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };

/** The machine's clock jumps ahead for one moment, in which the store is used, and comes back. */
async function glitch({ store, clock }: Opened, use: () => Promise<unknown> = () => store.now()) {
  clock.now += YEAR;
  await use();
  clock.now -= YEAR;
}

test("a clock that leads, or lags by seconds, is no fault; one that lags further is", async () => {
  const { store, clock } = await opened();
  const behind = async () => (await store.heartbeat()).clockBehindMs;
  await store.now();
  expect(await behind()).toBe(0);
  clock.now += HOUR;
  expect(await behind()).toBe(0);
  await store.now();
  clock.now -= CLOCK_BEHIND_MS;
  expect(await behind()).toBe(CLOCK_BEHIND_MS);
  expect(await store.ruleFaults()).toEqual([]);
  clock.now -= 1;
  expect(await behind()).toBe(CLOCK_BEHIND_MS + 1);
  expect(await store.ruleFaults()).toEqual([
    "The clock is behind the store's time: until it has caught up, nothing expires.",
  ]);
  clock.now += 1;
  expect(await store.ruleFaults()).toEqual([]);
});

test("a jump of the clock is told after a restart too, and by how much", async () => {
  const found = await opened();
  await glitch(found);
  const again = await opened({ directory: found.directory });
  const view = await again.store.heartbeat();
  expect(view.clockBehindMs).toBe(YEAR);
  expect(view.now).toBe(again.clock.now + YEAR);
});

test("a mark that was mended leaves nothing of the time ahead: no start, no secret, no reservation", async () => {
  const found = await opened();
  const { store, db, directory } = found;
  const before = await liveSample(store, { lifetimeMs: 2 * YEAR });
  await glitch(found, async () => {
    await store.reserve(sample().reservation);
    await liveSample(store);
    const read = await liveSample(store);
    await openedSecret(store, read.opening());
    await store.burn((await liveSample(store)).byManage);
    await recordSweep(store, { startedAt: await store.now(), removed, worker: "w", run: "ahead" });
  });
  db.prepare("UPDATE store SET mark = ?").run(found.clock.now);
  await store.close();

  const { store: mended } = await opened({ directory });
  expect(await mended.heartbeat()).toMatchObject({ now: found.clock.now, clockBehindMs: 0 });
  const startedAt = await mended.now();
  expect(await mended.sweep({ batch: 2 })).toEqual({ ...removed, orphans: 4 });
  const beat = await recordSweep(mended, { startedAt, removed, worker: "w", run: "mended" });
  expect(beat).toMatchObject({ startedAt, sequence: 2 });
  expect(await mended.status(before.byLink)).toMatchObject({ state: "live" });
});
