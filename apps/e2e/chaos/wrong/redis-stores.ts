/**
 * Secrets of one part, one read and no passphrase over plain Redis commands, each store with the one fault that its name says.
 * Everything that is not about a secret is the real store's.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type End, type OpenAnswer, openStore, type Store, type StoreOptions } from "@mayfly/store";
import { Redis } from "ioredis";

/** How an open takes the bytes; null when there are none. */
type Take = (redis: Redis, key: string) => Promise<Buffer | null>;
/** How a deposit puts them. */
type Put = (redis: Redis, key: string, bytes: Buffer, lifetimeMs: number) => Promise<void>;

const putWithExpiry: Put = async (redis, key, bytes, lifetimeMs) => {
  await redis.set(key, bytes, "PX", lifetimeMs);
};
const takeAtOnce: Take = (redis, key) => redis.getdelBuffer(key);

/** The answer that is lost takes the secret with it. */
export const getDel = (options: StoreOptions) => plainStore(options, putWithExpiry, takeAtOnce);

/** Two that come at the same time both read. */
export const readThenDelete = (options: StoreOptions) =>
  plainStore(options, putWithExpiry, async (redis, key) => {
    const bytes = await redis.getBuffer(key);
    await redis.del(key);
    return bytes;
  });

/** Who dies between the two commands leaves a secret that never ends. */
export const setThenExpire = (options: StoreOptions) =>
  plainStore(
    options,
    async (redis, key, bytes, lifetimeMs) => {
      await redis.set(key, bytes);
      await wait(SOMETHING_ELSE_MS);
      await redis.pexpire(key, lifetimeMs);
    },
    takeAtOnce,
  );

interface Record {
  readonly link: string;
  readonly manage: string;
  readonly bytes: number;
  readonly lifetimeMs: number;
  expiresAt: number;
  end: { readonly state: End; readonly endedAt: number } | null;
}

/** Between SET and EXPIRE: as long as a late event loop takes at its worst, so that a short run meets it. */
const SOMETHING_ELSE_MS = 500;
const RESERVATION_MS = 600_000;

async function plainStore(options: StoreOptions, put: Put, take: Take): Promise<Store> {
  if (options.kind !== "redis") throw new Error("these wrong stores are written for Redis");
  const real = await openStore(options);
  const redis = new Redis(options.url, { maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  const recordKey = (id: string) => `wrong:${id}`;
  const claimsKey = (id: string) => `wrong:${id}:claims`;
  const bytesKey = (id: string) => `wrong:${id}:bytes`;
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const load = async (id: string) => JSON.parse((await redis.get(recordKey(id))) ?? "null") as Record | null;
  const save = (id: string, record: Record) =>
    redis.set(recordKey(id), JSON.stringify(record), "PX", record.lifetimeMs + RESERVATION_MS);
  const notFound = { outcome: "not_found" } as const;
  const gone = ({ end }: Record) => ({
    outcome: "gone" as const,
    ...(end ?? { state: "opened" as const, endedAt: Date.now() }),
  });

  return {
    ...real,
    async reserve({ id, link, manage, bytes, lifetimeMs }) {
      const record = { link: hex(link), manage: hex(manage), bytes };
      await save(id, { ...record, lifetimeMs, expiresAt: 0, end: null });
      return { outcome: "reserved", depositBy: Date.now() + RESERVATION_MS };
    },
    async deposit({ id, manage, bytes }) {
      const record = await load(id);
      if (record?.manage !== hex(manage)) return notFound;
      if (record.expiresAt > 0) return { outcome: "live", expiresAt: record.expiresAt };
      await put(redis, bytesKey(id), Buffer.from(bytes), record.lifetimeMs);
      record.expiresAt = Date.now() + record.lifetimeMs;
      await save(id, record);
      return { outcome: "live", expiresAt: record.expiresAt };
    },
    async open({ id, link, claim }): Promise<OpenAnswer> {
      const record = await load(id);
      if (!record?.expiresAt || record.link !== hex(link)) return notFound;
      if (record.end !== null) return gone(record);
      const part = await take(redis, bytesKey(id));
      if (part === null) return gone(record);
      await redis.multi().sadd(claimsKey(id), hex(claim)).pexpire(claimsKey(id), record.lifetimeMs).exec();
      return { outcome: "opened", part, parts: 1, bytes: part.length, readsLeft: 0, leaseEnds: Date.now() };
    },
    part: async () => notFound,
    async acknowledge({ id, claim }) {
      return (await redis.sismember(claimsKey(id), hex(claim))) === 1
        ? { outcome: "acknowledged" }
        : notFound;
    },
    async burn({ id, manage }) {
      const record = await load(id);
      if (record?.manage !== hex(manage)) return notFound;
      await redis.del(bytesKey(id));
      record.end = { state: "burned", endedAt: Date.now() };
      await save(id, record);
      return { outcome: "burned" };
    },
    async status({ id, ...holder }) {
      const record = await load(id);
      const shown =
        "link" in holder ? record?.link === hex(holder.link) : record?.manage === hex(holder.manage);
      if (record === null || !shown) return notFound;
      const there = (await redis.exists(bytesKey(id))) === 1;
      return {
        outcome: "status",
        state: record.end?.state ?? (there ? "live" : "opened"),
        expiresAt: record.expiresAt,
        readsLeft: there ? 1 : 0,
        passphrase: false,
        attemptsLeft: null,
        openedAt: null,
        endedAt: record.end?.endedAt ?? null,
      };
    },
    close: async () => {
      redis.disconnect();
      await real.close();
    },
  };
}
