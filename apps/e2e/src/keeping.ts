/** Where a service under test keeps its secrets, and how to look into it past the service. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { startRedisServer } from "./redis-server.ts";

export const keepings = ["sqlite", "redis"] as const;
export type KeepingKind = (typeof keepings)[number];

export interface Keeping {
  readonly kind: KeepingKind;
  /** Names this store to Mayfly's programs. */
  readonly env: Readonly<Record<string, string>>;
  /** How many parts of envelopes it holds. */
  parts(): Promise<number>;
  /** Everything it holds or ever wrote, by where it was found: database, write-ahead log, dump, append file, slow log. */
  remains(): Promise<Map<string, Buffer>>;
  /** Makes it unusable for who has it open, as a lost volume or server is. Only `stop` may follow. */
  lose(): Promise<void>;
  stop(): Promise<void>;
}

/** A new, empty store of its own, in a folder of its own. */
export function startKeeping(kind: KeepingKind): Promise<Keeping> {
  return kind === "sqlite" ? startSqlite() : startRedis();
}

async function startSqlite(): Promise<Keeping> {
  const folder = temporaryFolder("sqlite");
  const directory = join(folder.path, "data");
  return {
    kind: "sqlite",
    env: { DATA_DIR: directory },
    async parts() {
      const db = new DatabaseSync(join(directory, "mayfly.db"), { readOnly: true, timeout: 20_000 });
      try {
        return Number(db.prepare("SELECT count(*) AS n FROM parts").get()?.n);
      } finally {
        db.close();
      }
    },
    remains: async () => files(directory),
    // The pages that SQLite has in its hands no longer are those of the file.
    lose: async () => {
      for (const name of ["mayfly.db", "mayfly.db-wal"]) {
        const path = join(directory, name);
        writeFileSync(path, Buffer.alloc(statSync(path).size, 0xa5));
      }
    },
    stop: async () => folder.remove(),
  };
}

async function startRedis(): Promise<Keeping> {
  const server = await startRedisServer();
  return {
    kind: "redis",
    env: { REDIS_URL: server.url, MAYFLY_MARK_DIR: join(server.folder, "mark") },
    async parts() {
      const keys = await server.command("--scan", "--pattern", "mayfly:*:part:*");
      return keys.split("\n").filter((key) => key !== "").length;
    },
    async remains() {
      await server.command("save");
      const found = files(server.folder);
      // Quoted, as redis-cli writes it: bytes that are no text stand there as \xNN.
      found.set("slow log", Buffer.from(unquoted(await server.command("slowlog", "get", "-1")), "latin1"));
      return found;
    },
    lose: server.kill,
    stop: server.stop,
  };
}

function unquoted(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function files(directory: string): Map<string, Buffer> {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return new Map(
    paths
      .filter((path) => statSync(join(directory, path)).isFile())
      .map((path) => [path, readFileSync(join(directory, path))]),
  );
}
