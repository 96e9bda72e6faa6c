import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { BenchStore } from "./ground.ts";

/**
 * Bytes that a store takes now: Redis' used_memory, once it stands still; of SQLite the pages in use, free ones not counted.
 */
export async function storedBytes(store: BenchStore): Promise<number> {
  return store.redis === null ? usedPages(store.folder) : stillMemory(store.redis);
}

function usedPages(folder: string): number {
  const db = new DatabaseSync(join(folder, "mayfly.db"), { readOnly: true });
  try {
    const pragma = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  } finally {
    db.close();
  }
}

/** Redis gives back the buffers of quiet connections, and the tables of keys that are gone, a little later. */
async function stillMemory(redis: NonNullable<BenchStore["redis"]>): Promise<number> {
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.command("info", "memory"))?.[1]);
  let least = await used();
  for (let quiet = 0; quiet < 4; quiet++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const now = await used();
    if (now < least * 0.999) quiet = 0;
    least = Math.min(least, now);
  }
  return least;
}
