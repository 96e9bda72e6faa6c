import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { HOUR, liveSample, sample } from "../conformance/sample.ts";
import { countOverdue, recordSweep } from "../sweeps.ts";
import { type Opened, opened } from "./opened.ts";

const MIB = 1024 * 1024;

test("a sweep whose transaction is shared with a failing step counts and removes everything once", async () => {
  const { store, clock, db } = await opened();
  for (let i = 0; i < 40; i++) await liveSample(store, { lifetimeMs: HOUR });
  db.exec("INSERT INTO parts (part, bytes) VALUES (999999 * 1048576, x'00'), (999999 * 1048576 + 1, x'00')");
  clock.now += HOUR;
  let sweeping = true;
  const sweep = store.sweep({ batch: 4 }).finally(() => {
    sweeping = false;
  });
  const taken = await liveSample(store);
  let failures = 0;
  while (sweeping) {
    const stranger = { ...sample().reservation, id: taken.id };
    await store.reserve(stranger).catch(() => {
      failures += 1;
    });
  }
  expect(failures).toBeGreaterThan(10);
  expect(await sweep).toEqual({ expired: 40, leases: 0, reservations: 0, tombstones: 0, orphans: 2 });
  expect(await countOverdue(store, clock.now, { batch: 4 })).toBe(0);
  expect(await store.status(taken.byLink)).toMatchObject({ state: "live" });
});

test("large orphans are destroyed some 4 MiB at a time, all of them, and counted once", async () => {
  const { store, db } = await opened();
  const kept = await liveSample(store);
  const put = db.prepare("INSERT INTO parts (part, bytes) VALUES (?, zeroblob(?))");
  for (let part = 0; part < 20; part++) put.run(999_999 * 2 ** 20 + part, 1.5 * MIB);
  const count = db.prepare("SELECT count(*) AS n FROM parts WHERE part / 1048576 = 999999");
  const left: number[] = [];
  let sweeping = true;
  const sweep = store.sweep({ batch: 100 }).finally(() => {
    sweeping = false;
  });
  while (sweeping) {
    await store.status(kept.byLink);
    left.push(Number(count.get()?.n));
  }
  expect(await sweep).toMatchObject({ orphans: 20 });
  expect(left.at(-1)).toBe(0);
  const steps = left.slice(1).map((now, i) => (left[i] ?? 20) - now);
  expect(Math.max(...steps)).toBe(2);
  expect(await countOverdue(store, await store.now(), { batch: 4 })).toBe(0);
  expect(await store.status(kept.byLink)).toMatchObject({ state: "live" });
});

test("two sweeps at the same moment wait for each other, and both complete", async () => {
  const first = await opened({ busyTimeoutMs: 50 });
  for (let i = 0; i < 40; i++) await liveSample(first.store);
  const second = await opened({ busyTimeoutMs: 50, directory: first.directory });
  const maintain = async ({ store }: Opened) => [await store.sweep({ batch: 4 }), await store.ruleFaults()];
  const nothing = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
  expect(await Promise.all([maintain(first), maintain(second)])).toEqual([
    [nothing, []],
    [nothing, []],
  ]);
});

test("a sweep waits for a lock that others hold for longer than its busy timeout", async () => {
  const found = await opened({ busyTimeoutMs: 50 });
  const { clock, path, store } = found;
  await liveSample(store, { lifetimeMs: HOUR });
  clock.now += HOUR;
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const sweeping = store.sweep({ batch: 4 });
  // A request is told at once; by then the sweep's first try is over too.
  await expect(store.now()).rejects.toEqual(new StoreUnavailable("busy"));
  other.exec("ROLLBACK");
  other.close();
  expect(await sweeping).toMatchObject({ expired: 1 });
});

test("the tombstone of a read keeps neither the length nor the times of its claims' leases", async () => {
  const { store, db } = await opened();
  const secret = await liveSample(store, { passphrase: true });
  await store.open(secret.guess());
  const opening = secret.opening();
  await store.open(opening);
  await store.acknowledge({ id: secret.id, claim: opening.claim });
  const row = db.prepare("SELECT * FROM secrets").get();
  for (const column of [
    "bytes",
    "part_bytes",
    "lifetime_ms",
    "lease_ms",
    "deposit_by",
    "attempts",
    "lease_until",
  ]) {
    expect(row?.[column], column).toBeNull();
  }
  expect(db.prepare("SELECT count(*) AS n FROM parts").get()).toEqual({ n: 0 });
  expect(db.prepare("SELECT bound_at, lease_ends FROM claims").get()).toEqual({ bound_at: 0, lease_ends: 0 });
});

test.each([
  ["a part", "INSERT INTO parts (part, bytes) VALUES (:key, x'00')"],
  ["a claim", "INSERT INTO claims (secret, claim, bound_at, lease_ends) VALUES (:key, randomblob(32), 1, 1)"],
  ["a secret", "UPDATE secrets SET secret = :key WHERE id = ':id'"],
])("%s whose key no step can have made is removed and counted, and fails no sweep", async (_what, sql) => {
  const { store, db, clock } = await opened();
  const kept = await liveSample(store);
  db.exec("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF");
  for (const key of ["9007199254740993", "-7"]) {
    const broken = await liveSample(store);
    const before = await store.sweep({ batch: 10 });
    db.exec(sql.replace(":key", key).replace(":id", broken.id));
    expect(before.orphans).toBe(0);
    expect((await store.sweep({ batch: 10 })).orphans).toBeGreaterThan(0);
    expect((await store.sweep({ batch: 10 })).orphans).toBe(0);
    expect(await countOverdue(store, clock.now, { batch: 10 })).toBe(0);
    // Numbers of secrets go on after the highest that was ever used.
    db.exec("UPDATE sqlite_sequence SET seq = 1000 WHERE seq > 1000000");
  }
  expect(await store.status(kept.byLink)).toMatchObject({ state: "live" });
});

test("a halt that begins in the midst of a long sweep ends no lease", async () => {
  const MAX_AGE = 75 * 60_000;
  let turns = Number.POSITIVE_INFINITY;
  let now = 1_800_000_000_000;
  const clock = () => {
    turns -= 1;
    if (turns === 0) now += 10 * 60_000;
    return now;
  };
  const { store } = await opened({ clock });
  const removed = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
  const report = { removed, worker: "w", maxAgeMs: MAX_AGE };
  await recordSweep(store, { ...report, startedAt: await store.now(), run: "before" });
  now += MAX_AGE - 30_000;
  const readers = [];
  for (let i = 0; i < 20; i++) {
    const opening = (await liveSample(store)).opening();
    await store.open(opening);
    readers.push(opening);
  }
  const startedAt = await store.now();
  turns = 8;
  expect(await store.sweep({ batch: 2, maxAgeMs: MAX_AGE })).toEqual(removed);
  expect(await recordSweep(store, { ...report, startedAt, run: "the first in the halt" })).toBeNull();
  const again = await store.now();
  expect(await store.sweep({ batch: 2, maxAgeMs: MAX_AGE })).toEqual(removed);
  expect(await recordSweep(store, { ...report, startedAt: again, run: "the second" })).not.toBeNull();
  for (const reader of readers) expect(await store.open(reader)).toMatchObject({ outcome: "opened" });
});

test("endDue ends no lease that was running when it was called, for a halt may have cut it off", async () => {
  const { store, clock } = await opened();
  const secret = await liveSample(store);
  const answer = await store.open(secret.opening());
  if (answer.outcome !== "opened") throw new Error(answer.outcome);
  const ending = store.endDue(1);
  clock.now = answer.leaseEnds;
  expect(await ending).toBe(0);
  expect(await store.endDue(1)).toBe(1);
});
