import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Opening, openStore, type Store } from "@mayfly/store";
import { onTestFinished } from "vitest";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A real store in a folder of its own, with a clock that stands still until it is set. */
export interface Ground {
  readonly store: Store;
  readonly clock: { now: number };
  /** The file of the store. */
  readonly file: string;
  /** Another process's store on the same file. */
  another(): Promise<Store>;
}

export async function ground(): Promise<Ground> {
  const directory = join(mkdtempSync(join(tmpdir(), "mayfly-worker-")), "data");
  const clock = { now: Date.now() };
  const stores: Store[] = [];
  const another = async () => {
    const store = await openStore({
      kind: "sqlite",
      directory,
      capacityBytes: 2 ** 30,
      busyTimeoutMs: 800,
      clock: () => clock.now,
    });
    stores.push(store);
    return store;
  };
  onTestFinished(async () => {
    for (const store of stores) await store.close();
    rmSync(join(directory, ".."), { recursive: true });
  });
  return { store: await another(), clock, file: join(directory, "mayfly.db"), another };
}

/** `store`, with some of its methods replaced: a fault in an otherwise real store. */
export function faulty(store: Store, faults: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = faults[name as keyof Store] ?? target[name as keyof Store];
      return typeof own === "function" ? own.bind(faults[name as keyof Store] ? faults : target) : own;
    },
  });
}

/** Reserves, deposits and opens one small secret; how it was opened. */
export async function opened(store: Store): Promise<Opening> {
  const link = randomBytes(32);
  const id = await deposited(store, 24 * HOUR, link);
  const opening = { id, link, passphrase: null, claim: randomBytes(32), attempt: randomBytes(16) };
  const answer = await store.open(opening);
  if (answer.outcome !== "opened") throw new Error(answer.outcome);
  return opening;
}

/** Reserves and deposits one small secret; its id. */
export async function deposited(store: Store, lifetimeMs: number, link = randomBytes(32)): Promise<string> {
  const id = randomBytes(16).toString("base64url");
  const manage = randomBytes(32);
  await store.reserve({
    id,
    lifetimeMs,
    reads: 1,
    bytes: 400,
    partBytes: 1_000,
    leaseMs: MINUTE,
    link,
    passphrase: null,
    manage,
  });
  const answer = await store.deposit({ id, manage, part: 0, bytes: randomBytes(400) });
  if (answer.outcome !== "live") throw new Error(answer.outcome);
  return id;
}

const PATIENCE_MS = 20_000;
/** The fake timers leave it alone: it is taken before they come. */
const realNow = performance.now.bind(performance);

/** Lets the store's own turns pass, whose time is not faked, until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = realNow() + PATIENCE_MS;
  while (realNow() < deadline) {
    if (await condition()) return;
    await setImmediate();
  }
  throw new Error("waited in vain");
}
