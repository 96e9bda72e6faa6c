/**
 * The floor of the lifecycle's cost: bare Fastify, the same four requests, and one plain store command for each.
 * It has no checks, no hashes and no promises. It groups what one tick brings, as the service does: ioredis pipelines
 * the commands, SQLite has one commit for them, as durable as the service's.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fastify from "fastify";
import { Redis } from "ioredis";

interface Commands {
  reserve(id: string, value: string): Promise<unknown>;
  deposit(id: string, bytes: Buffer): Promise<unknown>;
  open(id: string): Promise<Uint8Array | null>;
  acknowledge(id: string): Promise<unknown>;
}

function overRedis(url: string): Commands {
  const redis = new Redis(url, { enableAutoPipelining: true });
  return {
    reserve: (id, value) => redis.set(`${id}:record`, value, "PX", 3_600_000),
    deposit: (id, bytes) => redis.set(`${id}:part`, bytes, "PX", 3_600_000),
    open: (id) => redis.getBuffer(`${id}:part`),
    acknowledge: (id) => redis.del(`${id}:record`, `${id}:part`),
  };
}

function overSqlite(folder: string): Commands {
  mkdirSync(folder, { recursive: true });
  const db = new DatabaseSync(join(folder, "floor.db"));
  db.exec(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE secrets (id TEXT PRIMARY KEY, value TEXT, bytes BLOB, opened INT)",
  );
  const insert = db.prepare("INSERT INTO secrets (id, value) VALUES (?, ?)");
  const update = db.prepare("UPDATE secrets SET bytes = ? WHERE id = ?");
  const take = db.prepare("UPDATE secrets SET opened = 1 WHERE id = ? RETURNING bytes");
  const remove = db.prepare("DELETE FROM secrets WHERE id = ?");
  const together = oneCommitPerTick(db);
  return {
    reserve: (id, value) => together(() => insert.run(id, value)),
    deposit: (id, bytes) => together(() => update.run(bytes, id)),
    open: (id) => together(() => (take.get(id) as { bytes: Uint8Array } | undefined)?.bytes ?? null),
    acknowledge: (id) => together(() => remove.run(id)),
  };
}

/** Runs the steps that one turn of the event loop brings in one transaction. Each settles after the commit. */
function oneCommitPerTick(db: DatabaseSync): <T>(step: () => T) => Promise<T> {
  let waiting: (() => () => void)[] = [];
  const commit = () => {
    const steps = waiting;
    waiting = [];
    db.exec("BEGIN IMMEDIATE");
    const settle = steps.map((step) => step());
    db.exec("COMMIT");
    for (const each of settle) each();
  };
  return (step) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(commit);
      waiting.push(() => {
        const value = step();
        return () => resolve(value);
      });
    });
}

const { REDIS_URL, DATA_DIR = "./data", PORT } = process.env;
const store = REDIS_URL ? overRedis(REDIS_URL) : overSqlite(DATA_DIR);
const app = fastify();
app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
  done(null, body),
);
type WithId = { Params: { id: string } };

app.post("/api/v1/secrets", async (request, reply) => {
  const id = randomBytes(16).toString("base64url");
  await store.reserve(id, JSON.stringify(request.body));
  return reply.code(201).send({ id });
});
app.put<WithId>("/api/v1/secrets/:id/parts/0", async (request, reply) => {
  await store.deposit(request.params.id, request.body as Buffer);
  return reply.code(201).send({ state: "live" });
});
app.post<WithId>("/api/v1/secrets/:id/open", async (request, reply) =>
  reply.type("application/octet-stream").send(await store.open(request.params.id)),
);
app.post<WithId>("/api/v1/secrets/:id/acknowledge", async (request, reply) => {
  await store.acknowledge(request.params.id);
  return reply.code(204).send();
});
await app.listen({ port: Number(PORT), host: "127.0.0.1" });
process.on("disconnect", () => process.exit(0)).on("SIGTERM", () => process.exit(0));
process.send?.({ type: "listening" });
