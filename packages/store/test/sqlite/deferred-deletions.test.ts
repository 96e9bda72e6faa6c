import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { HOUR, liveSample, opened as read, type Sample, sample, type Wish } from "../conformance/sample.ts";
import { countOverdue, recordSweep } from "../sweeps.ts";
import { type Opened, opened } from "./opened.ts";

const MIB = 1024 * 1024;
const DAY = 86_400_000;

/** A secret in parts of 3 MiB. Three of them are more than one transaction destroys. */
async function large({ store }: Opened, wish: Wish = {}, count = 3): Promise<Sample> {
  const secret = sample(wish);
  const partBytes = 3 * MIB;
  await store.reserve({ ...secret.reservation, bytes: count * partBytes, partBytes });
  for (let part = 0; part < count; part++)
    await store.deposit({ ...secret.byManage, part, bytes: randomBytes(partBytes) });
  return secret;
}

/** Everything of it deposited but the last part. */
async function largeReservation({ store }: Opened): Promise<Sample> {
  const secret = sample();
  const partBytes = 3 * MIB;
  await store.reserve({ ...secret.reservation, bytes: 4 * partBytes, partBytes });
  for (let part = 0; part < 3; part++)
    await store.deposit({ ...secret.byManage, part, bytes: randomBytes(partBytes) });
  return secret;
}

/** A secret of one part that is more than one transaction destroys in passing. */
async function broad({ store }: Opened, wish: Wish): Promise<Sample & { readonly envelope: Uint8Array }> {
  const secret = sample(wish);
  const envelope = new Uint8Array(randomBytes(5 * MIB));
  await store.reserve({ ...secret.reservation, bytes: 5 * MIB, partBytes: 8 * MIB });
  await store.deposit({ ...secret.byManage, part: 0, bytes: envelope });
  return { ...secret, envelope };
}

const parts = ({ db }: Opened) => Number(db.prepare("SELECT count(*) AS n FROM parts").get()?.n);

/** The store cannot be written from the moment on at which the verb's own step was committed, until it has answered. */
async function failingAfterCommit<Answer>(
  { store, db }: Opened,
  verb: () => Promise<Answer>,
): Promise<Answer> {
  const answer = verb();
  await store.canWrite();
  db.exec("PRAGMA query_only = ON");
  try {
    return await answer;
  } finally {
    db.exec("PRAGMA query_only = OFF");
  }
}

test("a large secret is wholly destroyed when its end is answered, and others get their turn meanwhile", async () => {
  const found = await opened();
  const secret = await large(found);
  const other = await liveSample(found.store);
  const opening = secret.opening();
  await found.store.open(opening);
  const ended: string[] = [];
  const acknowledged = found.store.acknowledge({ id: secret.id, claim: opening.claim }).then(() => {
    ended.push("acknowledge");
    expect(parts(found)).toBe(1);
  });
  await found.store.status(other.byLink);
  await found.store.status(secret.byLink).then((answer) => {
    ended.push("status");
    expect(answer).toMatchObject({ state: "opened" });
  });
  await acknowledged;
  expect(ended).toEqual(["status", "acknowledge"]);
});

test("each way to end destroys all of a large secret", async () => {
  const found = await opened();
  const { store, clock } = found;
  await store.burn((await large(found)).byManage);
  expect(parts(found)).toBe(0);
  await large(found);
  clock.now += DAY;
  expect(await store.endDue(10)).toBe(1);
  expect(parts(found)).toBe(0);
  await large(found);
  await largeReservation(found);
  clock.now += DAY;
  expect(await store.sweep({ batch: 10 })).toMatchObject({ expired: 1, reservations: 1, orphans: 0 });
  expect(parts(found)).toBe(0);
});

test("many that end in one tick share no transaction longer than a large one's", async () => {
  const found = await opened();
  const { store } = found;
  const secrets: Sample[] = [];
  for (let i = 0; i < 10; i++) {
    const secret = sample();
    await store.reserve({ ...secret.reservation, bytes: MIB, partBytes: MIB });
    await store.deposit({ ...secret.byManage, part: 0, bytes: randomBytes(MIB) });
    secrets.push(secret);
  }
  const left: number[] = [];
  let burning = true;
  const burned = Promise.all(secrets.map(({ byManage }) => store.burn(byManage))).finally(() => {
    burning = false;
  });
  while (burning) {
    await store.canWrite();
    left.push(parts(found));
  }
  await burned;
  expect(left.slice(0, 3)).toEqual([6, 2, 0]);
});

test("endDue destroys some 16 MiB a call, what is due first, and lets others in between", async () => {
  const found = await opened();
  const { store } = found;
  await large(found, { lifetimeMs: HOUR }, 8);
  const second = await large(found, { lifetimeMs: 2 * HOUR });
  await large(found, { lifetimeMs: 3 * HOUR });
  found.clock.now += DAY;
  const seen = new Set<number>();
  let ending = true;
  const first = store.endDue(10).finally(() => {
    ending = false;
  });
  while (ending) {
    await store.canWrite();
    seen.add(parts(found));
  }
  expect(await first).toBe(1);
  expect([...seen]).toEqual([14, 13, 12, 11, 10, 9, 8]);
  expect(await store.status(second.byLink)).toMatchObject({ state: "expired" });
  expect(await store.endDue(10)).toBe(1);
  expect(parts(found)).toBe(3);
  expect(await store.endDue(10)).toBe(1);
  expect(parts(found)).toBe(0);
  expect(await store.endDue(10)).toBe(0);
});

test("endDue ends no more while it still destroys what it ended before", async () => {
  const found = await opened();
  const { store } = found;
  await large(found, { lifetimeMs: HOUR }, 12);
  await large(found, { lifetimeMs: 2 * HOUR });
  found.clock.now += DAY;
  const ended = [];
  while (parts(found) > 0) ended.push(await store.endDue(10));
  expect(ended).toEqual([1, 0, 1]);
});

test("a lease of 0 gives the bytes when they cannot be destroyed at once, and endDue does it", async () => {
  const found = await opened();
  const { store } = found;
  const secret = await broad(found, { leaseMs: 0 });
  const answer = await failingAfterCommit(found, () => store.open(secret.opening()));
  if (answer.outcome !== "opened") throw new Error(answer.outcome);
  expect(Buffer.compare(answer.part, secret.envelope)).toBe(0);
  expect(parts(found)).toBe(1);
  expect(await store.status(secret.byLink)).toMatchObject({ state: "opened" });
  expect(await store.endDue(10)).toBe(0);
  expect(parts(found)).toBe(0);
});

test("the same open again destroys what the first could not", async () => {
  const found = await opened();
  const secret = await broad(found, { leaseMs: 0 });
  const opening = secret.opening();
  await failingAfterCommit(found, () => found.store.open(opening));
  expect(await found.store.open(opening)).toMatchObject({ outcome: "gone", state: "opened" });
  expect(parts(found)).toBe(0);
});

test("a large reservation is burned without trace, and not overdue to a sweep that verifies meanwhile", async () => {
  const found = await opened();
  const { store, db } = found;
  const secret = await largeReservation(found);
  const asOf = await store.now();
  found.clock.now += 1_000;
  expect(await failingAfterCommit(found, () => store.burn(secret.byManage))).toEqual({ outcome: "burned" });
  const { store: worker } = await opened({ directory: found.directory, clock: () => found.clock.now });
  expect(parts(found)).toBe(3);
  expect(await countOverdue(worker, asOf, { batch: 10 })).toBe(0);
  for (const answer of [
    await worker.status(secret.byManage),
    await worker.burn(secret.byManage),
    await worker.deposit({ ...secret.byManage, part: 3, bytes: randomBytes(3 * MIB) }),
  ])
    expect(answer).toEqual({ outcome: "not_found" });
  await store.endDue(10);
  expect(parts(found)).toBe(0);
  expect(db.prepare("SELECT count(*) AS n FROM secrets").get()).toEqual({ n: 0 });
});

test("a large reservation that was burned while halted is not taken for one that the halt cut off", async () => {
  const found = await opened();
  const startedAt = await found.store.now();
  const removed = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
  await recordSweep(found.store, { startedAt, removed, worker: "w", run: "before" });
  const secret = await largeReservation(found);
  found.clock.now += 1_000;
  await failingAfterCommit(found, () => found.store.burn(secret.byManage));
  const { store: worker } = await opened({ directory: found.directory, clock: () => found.clock.now });
  expect(await worker.sweep({ batch: 10, maxAgeMs: 500 })).toMatchObject({ reservations: 1 });
  expect(parts(found)).toBe(0);
});

test("a large reservation whose destruction a crash cut short is ended by the next process", async () => {
  const found = await opened();
  const secret = await largeReservation(found);
  await failingAfterCommit(found, () => found.store.burn(secret.byManage));
  const { store } = await opened({ directory: found.directory });
  expect(await store.endDue(10)).toBe(1);
  expect(parts(found)).toBe(0);
});

test("reservations are ended by what was deposited of them, not by what they are for", async () => {
  const found = await opened();
  const { store } = found;
  for (let i = 0; i < 20; i++)
    await store.reserve({ ...sample().reservation, bytes: 12 * MIB, partBytes: 3 * MIB });
  found.clock.now += HOUR;
  expect(await store.endDue(100)).toBe(20);
});

const endings: readonly (readonly [string, (found: Opened) => Promise<() => Promise<unknown>>, unknown])[] = [
  [
    "burn",
    async (found) => {
      const secret = await large(found);
      return () => found.store.burn(secret.byManage);
    },
    { outcome: "burned" },
  ],
  [
    "acknowledge",
    async (found) => {
      const secret = await large(found);
      const { claim } = await readBy(found, secret);
      return () => found.store.acknowledge({ id: secret.id, claim });
    },
    { outcome: "acknowledged" },
  ],
  [
    "the tenth wrong passphrase",
    async (found) => {
      const secret = await large(found, { passphrase: true });
      for (let i = 0; i < 9; i++) await found.store.open(secret.guess());
      return () => found.store.open(secret.guess());
    },
    { outcome: "gone", state: "locked" },
  ],
  [
    "endDue",
    async (found) => {
      await large(found);
      found.clock.now += DAY;
      return () => found.store.endDue(10);
    },
    1,
  ],
];

for (const [name, prepare, expected] of endings) {
  test(`${name} answers though the destruction after it fails, and the next verb goes on with it`, async () => {
    const found = await opened();
    const verb = await prepare(found);
    const answer = await failingAfterCommit(found, verb);
    if (typeof expected === "object") expect(answer).toMatchObject(expected as object);
    else expect(answer).toBe(expected);
    expect(parts(found)).toBeGreaterThan(0);
    await found.store.status(sample().byLink);
    await vi.waitFor(() => expect(parts(found)).toBe(0), { timeout: 20_000 });
  });
}

test("a verb that was not committed throws, and has ended nothing", async () => {
  const found = await opened();
  const secret = await large(found);
  found.db.exec("PRAGMA query_only = ON");
  await expect(found.store.burn(secret.byManage)).rejects.toMatchObject({ reason: "read_only" });
  found.db.exec("PRAGMA query_only = OFF");
  expect(await found.store.status(secret.byLink)).toMatchObject({ state: "live" });
  expect(parts(found)).toBe(3);
});

test("a destruction that a crash cut short is overdue until the sweep has finished it", async () => {
  const found = await opened();
  const secret = await large(found);
  await failingAfterCommit(found, () => found.store.burn(secret.byManage));
  const { store, clock } = await opened({ directory: found.directory });
  expect(await countOverdue(store, clock.now - 1, { batch: 10 })).toBe(0);
  const left = parts(found);
  expect(left).toBeGreaterThan(0);
  expect(await countOverdue(store, clock.now, { batch: 10 })).toBe(left);
  expect(await store.sweep({ batch: 10 })).toMatchObject({ orphans: left });
  expect(parts(found)).toBe(0);
});

async function readBy({ store }: Opened, secret: Sample) {
  const opening = secret.opening();
  await read(store, opening);
  return opening;
}
