/**
 * One process of the race at a halt's end: a worker or a claimant, as its orders say. Arguments: the store's options as JSON, and
 * after how many milliseconds without a sweep the service halts.
 * It reports once for each order, and ends when its parent lets go.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { Verification } from "../../src/contract/maintenance.ts";
import { openStore, type StoreOptions } from "../../src/index.ts";
import { verify } from "../sweeps.ts";

const OPENERS = 5;
const maxAgeMs = Number(process.argv[3]);
const SWEEP = { batch: 2, maxAgeMs };

/** All bytes are in base64. */
export interface Rightful {
  readonly id: string;
  readonly link: string;
  readonly claim: string;
}

export interface Upload {
  readonly id: string;
  readonly manage: string;
  readonly part: number;
  readonly bytes: string;
}

export type Order =
  | { readonly verb: "sweep" | "record" | "keep sweeping" | "stop" }
  | {
      readonly verb: "claim";
      readonly leased: readonly Rightful[];
      readonly fresh: readonly Omit<Rightful, "claim">[];
      readonly uploads: readonly Upload[];
    };

export interface Report {
  readonly recorded?: boolean;
  /** The id of each secret, once for each claim that got its first part. */
  readonly rightful?: readonly string[];
  readonly strangers?: readonly string[];
  readonly readers?: readonly string[];
  readonly completed?: readonly string[];
}

const store = await openStore(JSON.parse(process.argv[2] ?? "") as StoreOptions);
let verification: Verification;
let isOver = false;

/** Throws when something overdue was left, which ends the process, and so the race. */
async function sweep(): Promise<Report> {
  const startedAt = await store.now();
  await store.sweep(SWEEP);
  verification = await verify(store, startedAt);
  return {};
}

async function keepSweeping(): Promise<Report> {
  while (!isOver) await sweep();
  return {};
}

async function record(): Promise<Report> {
  const removed = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
  const sweepReport = { verification, removed, worker: `${process.pid}`, run: randomUUID(), maxAgeMs };
  return { recorded: (await store.recordSweep(sweepReport)) !== null };
}

/** As the API's guard does: nothing is tried before a sweep is seen to be recorded. */
async function whenOpen(): Promise<void> {
  for (;;) {
    const { heartbeat, now } = await store.heartbeat();
    if (heartbeat !== null && now < heartbeat.startedAt + maxAgeMs) return;
  }
}

const bytesOf = (text: string) => Buffer.from(text, "base64");

/** The id, when the claim gets bytes. */
async function open({ id, link }: Omit<Rightful, "claim">, claim = randomBytes(32)): Promise<string[]> {
  const opening = { id, link: bytesOf(link), passphrase: null, claim, attempt: randomBytes(16) };
  return (await store.open(opening)).outcome === "opened" ? [id] : [];
}

async function claim({ leased, fresh, uploads }: Order & { verb: "claim" }): Promise<Report> {
  await whenOpen();
  const [strangers, rightful, readers, completed] = await Promise.all([
    Promise.all(leased.map((secret) => open(secret))),
    Promise.all(leased.map((secret) => open(secret, bytesOf(secret.claim)))),
    Promise.all(fresh.flatMap((secret) => Array.from({ length: OPENERS }, () => open(secret)))),
    Promise.all(
      uploads.map(async ({ id, manage, part, bytes }) => {
        const given = { id, manage: bytesOf(manage), part, bytes: bytesOf(bytes) };
        return (await store.deposit(given)).outcome === "live" ? [id] : [];
      }),
    ),
  ]);
  return {
    strangers: strangers.flat(),
    rightful: rightful.flat(),
    readers: readers.flat(),
    completed: completed.flat(),
  };
}

async function obey(order: Order): Promise<Report | null> {
  if (order.verb === "sweep") return sweep();
  if (order.verb === "record") return record();
  if (order.verb === "claim") return claim(order);
  isOver = order.verb === "stop";
  return isOver ? null : keepSweeping();
}

process.on("message", async (order: Order) => {
  const report = await obey(order);
  if (report !== null) process.send?.(report);
});
process.on("disconnect", () => void store.close());
process.send?.({} satisfies Report);
