import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Store } from "../../src/index.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import type { Bench, Breakage, Harness } from "../conformance/harness.ts";
import { hash, liveSample } from "../conformance/sample.ts";

const START = Date.parse("2027-03-04T05:06:07.089Z");

export const BUSY_TIMEOUT_MS = 5_000;

/** A store in a folder of its own, with a fake clock, and a second connection to look past the store's logic. */
export interface SqliteBench extends Bench {
  readonly directory: string;
  readonly path: string;
  /** Runs `look` on a plain connection to the same file. */
  raw<Found>(look: (db: DatabaseSync) => Found): Found;
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "mayfly-store-"));
}

export async function openBench(options: { readonly freeBytes?: number } = {}): Promise<SqliteBench> {
  const directory = temporaryDirectory();
  const path = join(directory, "mayfly.db");
  let now = START;
  let capacityBytes = 1e9;
  const open = (): Promise<Store> =>
    openSqliteStore({ directory, capacityBytes, busyTimeoutMs: BUSY_TIMEOUT_MS, clock: () => now });
  let store = await open();
  if (options.freeBytes !== undefined) {
    await store.close();
    capacityBytes = statSync(path).size + options.freeBytes;
    store = await open();
  }

  const raw = <Found>(look: (db: DatabaseSync) => Found): Found => {
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      return look(db);
    } finally {
      db.close();
    }
  };
  const rows = (sql: string, ...values: (string | number)[]) =>
    raw((db) => {
      const statement = db.prepare(sql);
      statement.setReadBigInts(true);
      return statement.all(...values);
    });

  const breakages: readonly Breakage[] = [
    {
      name: "a part of no secret",
      plant: async () =>
        raw((db) => db.exec(`INSERT INTO parts (part, bytes) VALUES (${99_999 * 2 ** 20 + 3}, x'00')`)),
    },
    {
      name: "a claim of no secret",
      plant: async () =>
        raw((db) => {
          db.exec("PRAGMA foreign_keys = OFF");
          db.prepare("INSERT INTO claims VALUES (99999, ?, 1, 1, NULL)").run(hash());
        }),
    },
    {
      name: "a secret that is never due",
      plant: async () => {
        const { id } = await liveSample(store);
        raw((db) => {
          db.exec("PRAGMA ignore_check_constraints = ON");
          db.prepare("UPDATE secrets SET expires_at = 9e15, due_at = 9e15 WHERE id = ?").run(id);
        });
      },
    },
    {
      name: "a secret whose part has vanished",
      plant: async () => {
        const { id } = await liveSample(store, { parts: 2 });
        raw((db) => {
          const sql =
            "DELETE FROM parts WHERE part = (SELECT secret FROM secrets WHERE id = ?) * 1048576 + 1";
          db.prepare(sql).run(id);
        });
      },
    },
  ];

  return {
    directory,
    path,
    raw,
    breakages,
    store: () => store,
    advance: async (ms) => {
      now += ms;
    },
    setClockBack: async (ms) => {
      now -= ms;
    },
    reopen: async () => {
      await store.close();
      store = await open();
    },
    hasCiphertext: async (id) => {
      const sql = "SELECT count(*) AS n FROM parts JOIN secrets ON part / 1048576 = secret WHERE id = ?";
      const orphans =
        "SELECT count(*) AS n FROM parts WHERE part / 1048576 NOT IN (SELECT secret FROM secrets)";
      return Number(rows(sql, id)[0]?.n) + Number(rows(orphans)[0]?.n) > 0;
    },
    recordCount: async () => Number(rows("SELECT count(*) AS n FROM secrets")[0]?.n),
    dump: async () => {
      const tables = ["store", "heartbeat", "secrets", "claims", "parts"];
      const found = tables.map((table) => rows(`SELECT * FROM ${table}`));
      const text = JSON.stringify(found, (_, value) => (typeof value === "bigint" ? Number(value) : value));
      return text.replace(/"(mark|age|complement)":-?\d+/g, "");
    },
    spoilHeartbeat: async () =>
      raw((db) => {
        db.exec("PRAGMA ignore_check_constraints = ON");
        db.exec("UPDATE heartbeat SET finished_at = -1");
      }),
    corrupt: async ({ sqlite }, id, claim) =>
      raw((db) => {
        db.exec("PRAGMA ignore_check_constraints = ON");
        const secret = String(rows("SELECT secret FROM secrets WHERE id = ?", id)[0]?.secret);
        const hex = `x'${Buffer.from(claim).toString("hex")}'`;
        if (typeof sqlite === "string") throw new Error(sqlite);
        for (const sql of sqlite) {
          const { changes } = db.prepare(sql.replaceAll(":secret", secret).replaceAll(":claim", hex)).run();
          if (changes === 0) throw new Error(`broke nothing: ${sql}`);
        }
      }),
    close: async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const sqliteHarness: Harness = {
  name: "the SQLite store",
  open: openBench,
  supports: { endDue: true },
};
