import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Store } from "../../src/index.ts";
import { ERASED_WITHIN_SECONDS } from "../../src/sqlite/log-truncation.ts";
import { HOUR, liveSample, sample } from "../conformance/sample.ts";
import { filesWith } from "./files.ts";
import { freshDirectory, type Opened, opened } from "./opened.ts";

const BYTES = 60_000;

/** A secret with a canary in it, and where the canary is. */
async function canary({ store, directory }: Pick<Opened, "store" | "directory">, leaseMs = HOUR) {
  const bytes = randomBytes(BYTES);
  const mark = bytes.subarray(30_000, 30_024);
  const secret = sample({ leaseMs });
  await store.reserve({ ...secret.reservation, bytes: BYTES, partBytes: BYTES });
  await store.deposit({ ...secret.byManage, part: 0, bytes });
  const files = () => filesWith(directory, [mark]);
  expect(files()).not.toEqual([]);
  return { secret, files };
}

/** How soon it is tried is held with fake timers below, and a log that stays longer than said by what the store tells. */
const erased = (files: () => string[]) =>
  vi.waitFor(() => expect(files()).toEqual([]), { timeout: 25_000, interval: 20 });

const endings: readonly (readonly [string, (found: Opened, store: Store) => Promise<() => string[]>])[] = [
  [
    "an acknowledgement",
    async (found, store) => {
      const { secret, files } = await canary(found);
      const opening = secret.opening();
      await store.open(opening);
      await store.acknowledge({ id: secret.id, claim: opening.claim });
      return files;
    },
  ],
  [
    "a burn",
    async (found, store) => {
      const { secret, files } = await canary(found);
      await store.burn(secret.byManage);
      return files;
    },
  ],
  [
    "the end of a life",
    async (found, store) => {
      const { files } = await canary(found);
      found.clock.now += 60 * 24 * HOUR;
      expect(await store.endDue(10)).toBe(1);
      return files;
    },
  ],
];

for (const [name, end] of endings) {
  test(`no file holds the envelope some seconds after ${name}, without any sweep`, async () => {
    const found = await opened();
    const files = await end(found, found.store);
    // Still in the log, or this would prove nothing.
    expect(files()).toEqual(["mayfly.db-wal"]);
    await erased(files);
    expect(found.store.erasedWithinSeconds).toBe(ERASED_WITHIN_SECONDS);
  });
}

test("the same while others deposit, read and burn without a pause", async () => {
  const found = await opened();
  // Or the log would be written over from its start before long.
  found.db.exec("PRAGMA wal_autocheckpoint = 0");
  let busy = true;
  const work = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (busy) await found.store.burn((await liveSample(found.store)).byManage);
    }),
  );
  const { secret, files } = await canary(found);
  await found.store.burn(secret.byManage);
  await erased(files).finally(() => {
    busy = false;
  });
  await work;
});

test("a reader in the way is not waited for, and the log is cut when it is gone", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const found = await opened({ busyTimeoutMs: 5_000 });
  const { secret, files } = await canary(found);
  const reader = new DatabaseSync(found.path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM secrets").get();
  await found.store.burn(secret.byManage);
  const began = performance.now();
  vi.advanceTimersByTime(4_000);
  // Less than the one time that a lock would be waited for.
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(files()).not.toEqual([]);
  expect(found.db.prepare("PRAGMA busy_timeout").get()).toEqual({ timeout: 5_000 });
  reader.close();
  vi.advanceTimersByTime(250);
  expect(files()).toEqual([]);
});

test("what a process left in the log when it ended is gone soon after the next start", async () => {
  const directory = freshDirectory();
  const first = await opened({ directory });
  const { secret, files } = await canary(first);
  // A reader keeps the log, as it stays when a process is killed.
  const reader = new DatabaseSync(first.path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM secrets").get();
  await first.store.burn(secret.byManage);
  await first.store.close();
  expect(files()).not.toEqual([]);
  await opened({ directory });
  reader.close();
  await erased(files);
});

test("nobody is told a time while the log cannot be cut for longer", async () => {
  const found = await opened();
  const { secret, files } = await canary(found);
  const reader = new DatabaseSync(found.path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM secrets").get();
  await found.store.burn(secret.byManage);
  const start = performance.now();
  const now = vi.spyOn(performance, "now").mockImplementation(() => start + ERASED_WITHIN_SECONDS * 1_000);
  expect(found.store.erasedWithinSeconds).toBeNull();
  now.mockRestore();
  reader.close();
  await erased(files);
  expect(found.store.erasedWithinSeconds).toBe(ERASED_WITHIN_SECONDS);
});

test("nobody is told a time while more is due than a second can destroy", async () => {
  const found = await opened();
  const bytes = 12 * 2 ** 20;
  for (let kept = 0; kept < 3; kept++) {
    const { reservation, byManage } = sample();
    await found.store.reserve({ ...reservation, bytes, partBytes: bytes });
    await found.store.deposit({ ...byManage, part: 0, bytes: new Uint8Array(bytes) });
  }
  found.clock.now += 60 * 24 * HOUR;
  expect(await found.store.endDue(10)).toBe(1);
  expect(found.store.erasedWithinSeconds).toBeNull();
  while ((await found.store.endDue(10)) > 0);
  expect(found.store.erasedWithinSeconds).toBe(ERASED_WITHIN_SECONDS);
});
