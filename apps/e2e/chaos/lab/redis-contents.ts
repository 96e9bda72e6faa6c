/** Looks into redis-servers past the store. */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { StoreOptions } from "@mayfly/store";
import { Redis } from "ioredis";
import type { Remainder } from "../history.ts";
import type { StoreLab } from "./store-lab.ts";

const exec = promisify(execFile);

interface Node {
  readonly port: number;
  readonly folder: string;
}

/** Where secrets are kept, and every server that has them in a file or in memory. */
export interface Nodes {
  primaries(): Promise<readonly Node[]> | readonly Node[];
  readonly all: readonly Node[];
}

/** Looks into every server. `replicas`: how many confirm, as the service is told. */
export function lookInto(
  { primaries, all }: Nodes,
  url: string,
  replicas = 0,
): Pick<StoreLab, "clock" | "unavailable" | "options" | "endless" | "contents"> {
  const options: StoreOptions = {
    kind: "redis",
    url,
    commandTimeoutMs: 5_000,
    persistence: "any",
    capacityBytes: 2 ** 30,
    ...(replicas > 0 && { replicas: { count: replicas, withinMs: 2_000 } }),
  };
  return {
    clock: null,
    unavailable: [],
    options,
    endless: async () => {
      const found: Remainder[] = [];
      for (const { port } of await primaries()) found.push(...(await endlessKeys(port)));
      return found;
    },
    contents: async () => {
      const found = new Map<string, Buffer>();
      for (const [n, { port, folder }] of all.entries())
        found.set(`what Redis ${n} holds`, await snapshotOf(port, folder));
      return found;
    },
  };
}

/** Keys of one server's secrets that have no end. */
export async function endlessKeys(port: number): Promise<Remainder[]> {
  const redis = new Redis({ host: "127.0.0.1", port });
  try {
    const found: Remainder[] = [];
    for await (const keys of redis.scanStream({ count: 1_000 }) as AsyncIterable<string[]>) {
      for (const key of keys) {
        if (key.startsWith("mayfly:{maintenance")) continue;
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
