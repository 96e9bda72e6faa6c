import { statSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "@mayfly/store";
import { Redis } from "ioredis";
import { type Figure, type Part, subjectOf } from "../figure.ts";
import { fullLoad } from "../full-load.ts";
import { type BenchStore, startService, startStore } from "../ground.ts";
import { envelopeOf } from "../secret-traffic.ts";
import { storedBytes } from "../stored-bytes.ts";

const MB = 1e6;
const TOMBSTONES_GONE_MS = 40 * 86_400_000;

export const endurancePart: Part = {
  name: "endurance",
  title: "What 100,000 lifecycles leave behind",
  notes: [
    "Of the API's process: heap after a full collection, and resident memory, against those after a tenth as many lifecycles before.",
    "A tombstone is owed to the link's holder for a day at least. Left behind by the store is what is still there when their time is over: for SQLite the pages in use after the sweep of forty days later, which are used again; the file keeps its size.",
    "Rate limits are off: their counters go with their time windows, not with a sweep.",
  ],
  async run({ stores, endurance, connections }) {
    const figures: Figure[] = [];
    for (const kind of stores) {
      const subject = subjectOf(kind);
      const store = await startStore(kind);
      const service = await startService(store, { rateLimits: "off" });
      const envelope = envelopeOf(1024);
      const load = (lifecycles: number) => fullLoad(service.origin, envelope, { lifecycles, connections });

      const fresh = await storedBytes(store);
      await load(endurance / 10);
      const base = kind === "redis" ? await withoutTombstones(store) : fresh;
      const [before, stored] = [await service.memory(), await storedBytes(store)];
      const { lifecycles } = await load(endurance);
      const [after, full] = [await service.memory(), await storedBytes(store)];
      await service.stop();
      const left = (await withoutTombstones(store)) - base;

      figures.push(
        { subject, what: "heap before", value: before.heapUsed / MB, unit: "MB" },
        { subject, what: "heap more", value: (after.heapUsed - before.heapUsed) / MB, unit: "MB", most: 2 },
        { subject, what: "resident before", value: before.rss / MB, unit: "MB" },
        { subject, what: "resident more", value: (after.rss - before.rss) / MB, unit: "MB" },
        { subject, what: "one tombstone", value: (full - stored) / lifecycles, unit: "B" },
        { subject, what: "store, left behind", value: left / MB, unit: "MB", most: 1 },
      );
      if (kind === "sqlite")
        figures.push({
          subject,
          what: "file",
          value: statSync(join(store.folder, "mayfly.db")).size / MB,
          unit: "MB",
        });
      await store.stop();
    }
    return figures;
  },
};

/** What the store takes when all tombstones have gone the way that they go in time. The service may run on over Redis only. */
async function withoutTombstones(store: BenchStore): Promise<number> {
  if (store.redis !== null) await expireTombstones(store.redis.url);
  else await sweepLater(store.folder);
  return storedBytes(store);
}

/** Their end is a date that Redis' clock does not reach in a run: what it does then is done now. */
async function expireTombstones(url: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: "mayfly:*", count: 1000 })) {
    const records = (keys as string[]).filter((key) => !key.startsWith("mayfly:{maintenance"));
    if (records.length > 0) await redis.unlink(...records);
  }
  await redis.quit();
}

async function sweepLater(directory: string): Promise<void> {
  const clock = () => Date.now() + TOMBSTONES_GONE_MS;
  const store = await openStore({
    kind: "sqlite",
    directory,
    capacityBytes: 1e12,
    busyTimeoutMs: 5_000,
    clock,
  });
  await store.sweep({ batch: 1000 });
  await store.close();
}
