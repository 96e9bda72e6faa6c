import { afterAll, afterEach, expect, test, vi } from "vitest";
import { openStore } from "../../src/index.ts";
import { parseAddress } from "../../src/redis/address.ts";
import { Connection } from "../../src/redis/connection.ts";
import { type Halt, RecordRepair } from "../../src/redis/cut-off.ts";
import { deposit } from "../../src/redis/deposit.ts";
import { MARK_KEY } from "../../src/redis/keys.ts";
import { open } from "../../src/redis/open.ts";
import { reserve } from "../../src/redis/reserve.ts";
import { HOUR, liveSample, MINUTE, opened, sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import { startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
afterEach(() => vi.restoreAllMocks());

const MAX_AGE = 75 * MINUTE;
const NOTHING = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };

test("a halt that begins in the midst of a long sweep is asked for with each page, and ends no lease", async () => {
  const redis = server.client();
  const store = await openStore({
    kind: "redis",
    url: server.url(),
    commandTimeoutMs: 5_000,
    persistence: "none",
    capacityBytes: 2 ** 40,
  });
  const advance = async (ms: number) => {
    await redis.set(MARK_KEY, (await store.now()) + ms);
    return store.now();
  };
  const startedAt = await advance(HOUR);
  const report = { startedAt, removed: NOTHING, worker: "w", maxAgeMs: MAX_AGE };
  await recordSweep(store, { ...report, run: "before" });
  await advance(MAX_AGE - 30_000);
  const readers = [];
  for (let i = 0; i < 60; i++) {
    const opening = (await liveSample(store)).opening();
    await opened(store, opening);
    readers.push(opening);
  }

  let pages = 0;
  let views = 0;
  const { command, execute } = Connection.prototype;
  vi.spyOn(Connection.prototype, "command").mockImplementation(async function (this: Connection, ...words) {
    if (words[0] === "SCAN") {
      pages += 1;
      // After the page has read the heartbeat: its steps come too late for that reading.
      if (pages === 5) await advance(10 * MINUTE);
    }
    return command.apply(this, words);
  });
  vi.spyOn(Connection.prototype, "execute").mockImplementation(function (this: Connection, script, ...rest) {
    if (script.name === "mayfly_view_heartbeat") views += 1;
    return execute.call(this, script, ...rest);
  });
  expect(await store.sweep({ batch: 2, maxAgeMs: MAX_AGE })).toEqual(NOTHING);
  expect(pages).toBeGreaterThan(10);
  expect(views).toBeGreaterThanOrEqual(pages);
  vi.restoreAllMocks();

  const second = { ...report, startedAt: startedAt + MAX_AGE - 30_000, run: "the first in the halt" };
  expect(await recordSweep(store, second)).toBeNull();
  const again = await store.now();
  expect(await store.sweep({ batch: 2, maxAgeMs: MAX_AGE })).toEqual(NOTHING);
  expect(await recordSweep(store, { ...report, startedAt: again, run: "the second" })).not.toBeNull();
  for (const reader of readers) expect(await store.open(reader)).toMatchObject({ outcome: "opened" });
  await store.close();
});

test("a step that comes too late for what is known of the halt does nothing until it is asked for again", async () => {
  const connection = await Connection.open(parseAddress(server.url(1)), 2_000);
  const secret = sample();
  await reserve(connection, secret.reservation, true);
  await deposit(connection, secret.deposit(0), "all");
  const since = connection.clock.mark;
  const answer = await open(connection, secret.opening());
  if (answer.outcome !== "opened") throw new Error(answer.outcome);
  connection.clock.see(answer.leaseEnds);
  const record = `mayfly:{${secret.id}}`;
  // Another worker's sweep ends the halt after the heartbeat was read.
  const halts: Halt[] = [
    { since, until: answer.leaseEnds - 1 },
    { since: null, until: answer.leaseEnds - 1 },
    { since: null, until: null },
  ];
  const states: (string | null)[] = [];
  const repair = new RecordRepair(async () => {
    states.push(await server.client(1).hget(record, "state"));
    return halts.shift() ?? { since: null, until: answer.leaseEnds - 1 };
  });
  await repair.refreshHalt();
  await repair.record(connection, secret.id);
  expect(states).toEqual(["live", "live", "live"]);
  expect(await server.client(1).hget(record, "state")).toBe("opened");

  await repair.refreshHalt();
  await expect(repair.record(connection, secret.id)).rejects.toMatchObject({ reason: "timeout" });
  await connection.close();
});
