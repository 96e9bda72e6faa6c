import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import type { Keeping } from "../../src/keeping.ts";

/** How many things a store holds, of every kind: rows of all tables and pages of the file, or keys. */
export async function holdings({ kind, env }: Keeping): Promise<Readonly<Record<string, number>>> {
  if (kind === "sqlite") return rows(join(env.DATA_DIR ?? "", "mayfly.db"));
  const redis = new Redis(env.REDIS_URL ?? "");
  try {
    return { keys: await redis.dbsize() };
  } finally {
    redis.disconnect();
  }
}

function rows(path: string): Record<string, number> {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 20_000 });
  try {
    const count = (sql: string) => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return {
      pages: count("PRAGMA page_count"),
      ...Object.fromEntries(
        tables.map(({ name }) => [String(name), count(`SELECT count(*) FROM "${name}"`)]),
      ),
    };
  } finally {
    db.close();
  }
}
