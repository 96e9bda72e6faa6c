import { hash, randomBytes } from "node:crypto";
import { openStore, type Store } from "@mayfly/store";
import { createWorker } from "@mayfly/worker";
import { Redis } from "ioredis";
import { type Figure, type Part, subjectOf } from "../figure.ts";
import { type BenchStore, startStore } from "../ground.ts";
import { median, quantile } from "../median.ts";
import { envelopeOf } from "../secret-traffic.ts";

const AT_ONCE = 64;
const PER = 1_000;

export const sweepPart: Part = {
  name: "sweep",
  title: "What a sweep of 1,000 expired secrets costs",
  notes: [
    "The worker's own sweep, verification and heartbeat included, of secrets of 1 KiB whose life has ended unread. CPU is that of the worker's process.",
    "Held is how long others wait. SQLite: one transaction with its commit, measured as turns of the event loop, in a second sweep; Redis: one command, as the server counts them, to the next power of two.",
  ],
  async run({ stores, expired }) {
    const figures: Figure[] = [];
    for (const kind of stores) {
      const subject = subjectOf(kind);
      const place = await startStore(kind);
      const store = await openStore(
        place.redis === null
          ? { kind: "sqlite", directory: place.folder, capacityBytes: 1e12, busyTimeoutMs: 5_000 }
          : {
              kind: "redis",
              url: place.redis.url,
              commandTimeoutMs: 2_000,
              persistence: "any",
              capacityBytes: 1e12,
            },
      );
      const thousands = expired / PER;
      await expire(store, expired);
      const quiet = await sweep(store);
      await expire(store, expired);
      const turns =
        place.redis === null
          ? await eventLoopTurns(() => sweep(store))
          : await commandTurns(place, () => sweep(store));
      figures.push(
        { subject, what: "time", value: quiet.milliseconds / thousands, unit: "ms" },
        { subject, what: "CPU", value: quiet.cpuMs / thousands, unit: "ms" },
        { subject, what: "held, in all", value: turns.all / thousands, unit: "ms" },
        { subject, what: "held at a time", value: turns.middle * 1000, unit: "µs" },
        { subject, what: "p99", value: turns.p99 * 1000, unit: "µs" },
        { subject, what: "longest", value: turns.longest, unit: "ms" },
      );
      await store.close();
      await place.stop();
    }
    return figures;
  },
};

/** Keeps so many secrets, whose lives are over at once. */
async function expire(store: Store, count: number): Promise<void> {
  const bytes = envelopeOf(1024);
  const one = async () => {
    const id = randomBytes(16).toString("base64url");
    const [link, manage] = [hash("sha256", id, "buffer"), hash("sha256", `${id}m`, "buffer")];
    const size = { bytes: bytes.length, partBytes: bytes.length };
    await store.reserve({
      id,
      link,
      manage,
      passphrase: null,
      reads: 1,
      lifetimeMs: 1,
      leaseMs: 60_000,
      ...size,
    });
    await store.deposit({ id, manage, part: 0, bytes });
  };
  for (let done = 0; done < count; done += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, one));
}

interface Swept {
  readonly milliseconds: number;
  readonly cpuMs: number;
}

/** One sweep by a worker of its own. Throws when it was not complete. */
function sweep(store: Store): Promise<Swept> {
  const { promise, resolve, reject } = Promise.withResolvers<Swept>();
  const failed = (event: string) => reject(new Error(event));
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const log = {
    info: (event: string) => {
      if (event !== "sweep_complete") return failed(event);
      const { user, system } = process.cpuUsage(cpu);
      resolve({ milliseconds: performance.now() - begun, cpuMs: (user + system) / 1000 });
    },
    warn: failed,
    error: failed,
  };
  const worker = createWorker({ store, log, name: "bench", maxAgeMs: 75 * 60_000 });
  worker.start();
  return promise.finally(() => worker.stop());
}

interface Turns {
  /** Milliseconds. */
  readonly all: number;
  readonly middle: number;
  readonly p99: number;
  readonly longest: number;
}

/** A transaction holds the event loop as long as it holds the lock. */
async function eventLoopTurns(work: () => Promise<unknown>): Promise<Turns> {
  const turns: number[] = [];
  let over = false;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    turns.push(now - last);
    last = now;
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  await work();
  over = true;
  // Turns in which nothing was done are the looks' own.
  const worked = turns.filter((turn) => turn > 0.05);
  return {
    all: worked.reduce((sum, turn) => sum + turn, 0),
    middle: median(worked),
    p99: quantile(worked, 0.99),
    longest: Math.max(...worked),
  };
}

/** What a sweep sends; what its scripts call is counted in them. */
const SENT = new Set(["eval", "evalsha", "scan"]);

/** From the server's own histogram of commands. */
async function commandTurns({ redis: server }: BenchStore, work: () => Promise<unknown>): Promise<Turns> {
  const redis = new Redis(server?.url ?? "");
  await redis.config("RESETSTAT");
  await work();
  const stats = await redis.info("commandstats");
  const histograms = (await redis.call("LATENCY", "HISTOGRAM")) as unknown[];
  await redis.quit();

  const times = [...stats.matchAll(/^cmdstat_(\w+):calls=\d+,usec=(\d+)/gm)]
    .filter(([, name]) => SENT.has(name ?? ""))
    .map(([, , micros]) => Number(micros));
  // Each command's calls, counted up to its time in microseconds.
  const counts = new Map<number, number>();
  for (let at = 0; at < histograms.length; at += 2) {
    if (!SENT.has(histograms[at] as string)) continue;
    const buckets = (histograms[at + 1] as unknown[])[3] as number[];
    let below = 0;
    for (let bucket = 0; bucket < buckets.length; bucket += 2) {
      const [micros = 0, upTo = 0] = buckets.slice(bucket, bucket + 2);
      counts.set(micros, (counts.get(micros) ?? 0) + upTo - below);
      below = upTo;
    }
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const calls = sorted.reduce((sum, [, count]) => sum + count, 0);
  const at = (of: number) => {
    let seen = 0;
    for (const [micros, count] of sorted) {
      seen += count;
      if (seen >= calls * of) return micros / 1000;
    }
    return Number.NaN;
  };
  return {
    all: times.reduce((sum, micros) => sum + micros, 0) / 1000,
    middle: at(0.5),
    p99: at(0.99),
    longest: at(1),
  };
}
