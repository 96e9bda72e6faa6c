import type { ChildProcess } from "node:child_process";
import { expect, test } from "vitest";
import type { Reads, Store, StoreOptions } from "../../src/index.ts";
import { liveSample, MINUTE, opened, type Sample, sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import type { Order, Report } from "./halt-party.ts";
import { reportOf, start, stop } from "./processes.ts";

const MAX_AGE = 75 * MINUTE;
const WORKERS = 3;
const CLAIMANTS = 2;
const ROUNDS = 2;
const EACH = 20;

/** Where the halt is raced. The store's time stands still but for `advance`. */
export interface HaltGround {
  readonly options: StoreOptions;
  readonly store: Store;
  /** Raises the store's time, for every process. */
  advance(ms: number): Promise<void>;
}

interface Lease {
  readonly secret: Sample;
  readonly claim: Uint8Array;
}

/** Declares the race at a halt's end over one store. */
export function describeHaltRace(name: string, prepare: () => Promise<HaltGround>): void {
  test(`at a halt's end, under several workers, ${name} renews every lease and upload once, and lets no second reader in`, async () => {
    const ground = await prepare();
    const processes = Array.from({ length: WORKERS + CLAIMANTS }, () =>
      start("halt-party.ts", JSON.stringify(ground.options), `${MAX_AGE}`),
    );
    try {
      await Promise.all(processes.map((process) => reportOf(process)));
      for (let round = 0; round < ROUNDS; round++) await runRound(ground, processes);
    } finally {
      await Promise.all(processes.map(stop));
    }
  }, 120_000);
}

async function runRound({ store, advance }: HaltGround, processes: readonly ChildProcess[]): Promise<void> {
  const [sweeping, ...recording] = processes.slice(0, WORKERS) as [ChildProcess, ...ChildProcess[]];
  const workers = [sweeping, ...recording];
  const claimants = processes.slice(WORKERS);
  const sequence = await recordOne(store);
  await advance(MAX_AGE - 30_000);
  const claimed = await leases(store);
  const left = await leases(store);
  const fresh = await Promise.all(many((i) => liveSample(store, { reads: readsOf(i) })));
  const uploads = await Promise.all(many(() => begunUpload(store)));
  await advance(10 * MINUTE);

  const [firstSwept, ...othersSwept] = workers.map((worker) => tell(worker, { verb: "sweep" }));
  const tries = claimants.map((claimant, i) =>
    tell(claimant, {
      verb: "claim",
      leased: claimed.map(({ secret, claim }) => ({ ...wire(secret), claim: base64(claim) })),
      fresh: fresh.map(wire),
      uploads: uploads.filter((_, n) => n % CLAIMANTS === i).map(lastPart),
    }),
  );
  await firstSwept;
  // What the sweeps renewed so far is over again, and the halt still lasts.
  await advance(10 * MINUTE);
  await Promise.all(othersSwept);

  const goesOn = tell(sweeping, { verb: "keep sweeping" });
  const recorded = await Promise.all(recording.map((worker) => tell(worker, { verb: "record" })));
  expect(recorded).toEqual(recording.map(() => ({ recorded: true })));
  const told = await Promise.all(tries);
  // Every lease is over by now, in the midst of a sweep that began when the halt had not ended.
  await advance(2 * MINUTE);
  sweeping.send({ verb: "stop" } satisfies Order);
  await goesOn;

  expect((await store.heartbeat()).heartbeat?.sequence).toBe(sequence + recording.length);
  for (const { strangers, rightful } of told) {
    expect(strangers).toEqual([]);
    expect(rightful).toEqual(claimed.map(({ secret }) => secret.id));
  }
  const readers = told.flatMap((report) => report.readers ?? []);
  expect(fresh.map(({ id }) => readers.filter((read) => read === id).length)).toEqual(many(readsOf));
  expect(told.flatMap((report) => report.completed ?? []).sort()).toEqual(uploads.map(({ id }) => id).sort());
  for (const { secret, claim } of left)
    expect(await store.open(secret.opening(claim))).toMatchObject({ outcome: "gone", state: "opened" });
}

function many<Value>(make: (i: number) => Value): Value[] {
  return Array.from({ length: EACH }, (_, i) => make(i));
}

function readsOf(i: number): Reads & number {
  return (i % 2) + 1;
}

/** Leases that run when the halt begins. */
function leases(store: Store): Promise<Lease[]> {
  return Promise.all(
    many(async () => {
      const secret = await liveSample(store, { parts: 2 });
      const opening = secret.opening();
      await opened(store, opening);
      return { secret, claim: opening.claim };
    }),
  );
}

async function begunUpload(store: Store): Promise<Sample> {
  const upload = sample({ parts: 2 });
  await store.reserve(upload.reservation);
  await store.deposit(upload.deposit(0));
  return upload;
}

async function recordOne(store: Store): Promise<number> {
  const removed = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
  const startedAt = await store.now();
  const run = `at ${startedAt}`;
  const heartbeat = await recordSweep(store, { startedAt, removed, worker: "parent", run });
  return heartbeat?.sequence ?? 0;
}

function tell(child: ChildProcess, order: Order): Promise<Report> {
  const report = reportOf<Report>(child);
  child.send(order);
  return report;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const wire = ({ id, reservation }: Sample) => ({ id, link: base64(reservation.link) });

function lastPart(upload: Sample) {
  const { id, manage, part, bytes } = upload.deposit(1);
  return { id, manage: base64(manage), part, bytes: base64(bytes) };
}
