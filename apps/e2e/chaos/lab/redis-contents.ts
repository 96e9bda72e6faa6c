import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import type { Remainder } from "../history.ts";

const exec = promisify(execFile);

/** Keys of one server's secrets that have no end. */
export async function endlessKeys(port: number): Promise<Remainder[]> {
  const redis = new Redis({ host: "127.0.0.1", port });
  try {
    const found: Remainder[] = [];
    for await (const keys of redis.scanStream({ count: 1_000 }) as AsyncIterable<string[]>) {
      for (const key of keys) {
        if (key.startsWith("mayfly:{maintenance}")) continue;
        if ((await redis.pttl(key)) === -1) found.push({ what: "endless", where: kindOf(key), secret: null });
      }
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

/** Everything that one server would keep now, as it would write it, uncompressed. */
export async function snapshotOf(port: number, folder: string): Promise<Buffer> {
  const file = join(folder, "snapshot.rdb");
  await exec("redis-cli", ["-p", String(port), "--rdb", file]);
  const bytes = await readFile(file);
  await rm(file);
  return bytes;
}

/** Without the id: a report is not the place for one. */
function kindOf(key: string): string {
  return key.replaceAll(/[A-Za-z0-9_-]{22}/g, "ID");
}
