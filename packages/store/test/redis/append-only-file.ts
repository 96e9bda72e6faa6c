import type { Redis } from "ioredis";
import { eventually } from "./server.ts";

/** How many bytes of what was answered a server has not written to its file yet, and whether it waits for a sync: by `INFO`. */
export async function appendOnlyFile(
  redis: Redis,
): Promise<{ readonly unwritten: number; readonly syncing: boolean }> {
  const info = await redis.info("persistence");
  return {
    unwritten: Number(/aof_buffer_length:(\d+)/.exec(info)?.[1]),
    syncing: /aof_pending_bio_fsync:[1-9]/.test(info),
  };
}

/** Resolves when a server has written all that it answered to its file, if it keeps one: a copy of its folder then holds it. */
export async function isWritten(redis: Redis): Promise<void> {
  await eventually(async () => !((await appendOnlyFile(redis)).unwritten > 0));
}
