import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { OpenAnswer, Opening, StoreOptions } from "../../src/index.ts";

/**
 * The open as it is commonly written: read the row, then delete it. Wrong on purpose: the race must find it out.
 */
export function readThenDelete(options: StoreOptions): {
  open(opening: Opening): Promise<OpenAnswer>;
  close(): void;
} {
  if (options.kind !== "sqlite") throw new Error("the wrong open is written for SQLite");
  const db = new DatabaseSync(join(options.directory, "mayfly.db"), { timeout: options.busyTimeoutMs });
  const read = db.prepare(
    "SELECT part, parts.bytes FROM secrets JOIN parts ON part = secret * 1048576 WHERE id = ?",
  );
  const remove = db.prepare("DELETE FROM parts WHERE part = ?");
  return {
    async open(opening) {
      const row = read.get(opening.id) as { part: number; bytes: Uint8Array } | undefined;
      if (!row) return { outcome: "gone", state: "opened", endedAt: 0 };
      await nextTurn();
      remove.run(row.part);
      const { length } = row.bytes;
      return { outcome: "opened", part: row.bytes, parts: 1, bytes: length, readsLeft: 0, leaseEnds: 0 };
    },
    close: () => db.close(),
  };
}
