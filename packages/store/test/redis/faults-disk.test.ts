/** What a full disk under the server's files does: Redis answers MISCONF to whatever writes, or ends. */
import { expect, onTestFinished, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample, opened, type Sample, sample } from "../conformance/sample.ts";
import { lacks } from "../sqlite/machine.ts";
import { smallDisk } from "../sqlite/small-disk.ts";
import { appendOnlyFile } from "./append-only-file.ts";
import { insist } from "./insist.ts";
import { eventually, startRedis } from "./server.ts";

const lacking = lacks("mount");
const onDisk = lacking === null ? test : test.skip;
const because = lacking === null ? "" : ` (left out: ${lacking})`;

async function prepare(settings: readonly string[]) {
  const disk = smallDisk();
  onTestFinished(() => disk.remove());
  const server = await startRedis(["dir", disk.directory, ...settings]);
  onTestFinished(() => server.stop());
  const store = await openRedisStore({
    url: server.url(),
    commandTimeoutMs: 2_000,
    persistence: "any",
    capacityBytes: 2 ** 40,
  });
  onTestFinished(() => store.close());
  return { disk, server, store, secret: await liveSample(store), burned: await liveSample(store) };
}

/** Nothing is handed out and nothing is promised, and the sweep fails, so that the service halts in the end. */
async function expectRefusing(store: Store, secret: Sample): Promise<void> {
  const unavailable = new StoreUnavailable("read_only");
  const verbs = [
    () => store.open(secret.opening()),
    () => store.burn(secret.byManage),
    () => store.reserve(sample().reservation),
    () => store.take([{ bucket: "bucket", windowMs: 1_000, amount: 1 }]),
    () => store.now(),
    () => store.sweep({ batch: 8 }),
  ];
  for (const verb of verbs) await expect(verb()).rejects.toEqual(unavailable);
  expect(await store.status(secret.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
}

/** Asks for something else until the server has noticed. */
async function untilRefused(store: Store): Promise<void> {
  await eventually(
    async () =>
      (await store.take([{ bucket: "other", windowMs: 1_000, amount: 1 }]).catch(() => null)) === null,
    15_000,
  );
}

onDisk(
  `an append-only file without room gives no bytes and no promises, and all is well when there is room again${because}`,
  async () => {
    const { disk, server, store, secret, burned } = await prepare(["appendonly", "yes"]);
    const read = await liveSample(store);
    await opened(store, read.opening());
    disk.fill();
    await untilRefused(store);
    await expectRefusing(store, secret);
    disk.free();
    expect((await insist(() => opened(store, secret.opening()))).part).toEqual(secret.parts[0]);
    expect(await store.burn(burned.byManage)).toEqual({ outcome: "burned" });
    await eventually(async () => (await appendOnlyFile(server.client())).unwritten === 0, 15_000);
    await server.kill();
    await server.start();
    for (const { opening } of [secret, burned, read])
      expect(await insist(() => store.open(opening()))).toMatchObject({ outcome: "gone" });
  },
  60_000,
);

// A gap of everysec that FAULTS.md tells: whoever closes it finds out here.
onDisk(
  `the read that was answered as the file became full is undone when the server is killed before there is room${because}`,
  async () => {
    const { disk, server, store } = await prepare(["appendonly", "yes"]);
    const secrets: Sample[] = [];
    for (let i = 0; i < 60; i++) secrets.push(await liveSample(store));
    disk.fill();
    const read: Sample[] = [];
    for (const secret of secrets) {
      const answer = await store.open(secret.opening()).catch(() => null);
      if (answer?.outcome !== "opened") break;
      read.push(secret);
    }
    await server.kill();
    disk.free();
    await server.start();
    const states = [];
    for (const { opening } of read) states.push((await insist(() => store.open(opening()))).outcome);
    // One, or more where a sync was under way.
    expect(states.join(" ")).toMatch(/^(gone )*(opened ?)+$/);
  },
  60_000,
);

onDisk(
  `under appendfsync always the server ends rather than answer what it could not keep${because}`,
  async () => {
    const { disk, server, store, secret } = await prepare(["appendonly", "yes", "appendfsync", "always"]);
    const openings = Array.from({ length: 20 }, () => secret.opening());
    disk.fill();
    // Until the file's last block is full, steps are kept and answered.
    let answered = 0;
    await eventually(async () => {
      const answer = await store.take([{ bucket: "other", windowMs: 60_000, amount: 1 }]).catch(() => null);
      answered += answer === null ? 0 : 1;
      return answer === null;
    }, 15_000);
    await server.ended();
    for (const opening of openings)
      await expect(store.open(opening)).rejects.toBeInstanceOf(StoreUnavailable);
    disk.free();
    await server.start();
    expect(
      (await insist(() => store.take([{ bucket: "other", windowMs: 60_000, amount: 1 }])))[0]?.total,
    ).toBeGreaterThan(answered);
    expect((await insist(() => opened(store, secret.opening()))).part).toEqual(secret.parts[0]);
  },
  60_000,
);

onDisk(
  `snapshots without room stop everything that writes, and all is well when one has been kept${because}`,
  async () => {
    const { disk, server, store, secret, burned } = await prepare(["save", "3600 1"]);
    const redis = server.client();
    const snapshot = async (state: "ok" | "err") => {
      await redis.bgsave();
      await eventually(async () => {
        const info = await redis.info("persistence");
        return info.includes(`rdb_last_bgsave_status:${state}`) && info.includes("rdb_bgsave_in_progress:0");
      }, 15_000);
    };
    disk.fill();
    await snapshot("err");
    await expectRefusing(store, secret);
    disk.free();
    await snapshot("ok");
    expect((await opened(store, secret.opening())).part).toEqual(secret.parts[0]);
    expect(await store.burn(burned.byManage)).toEqual({ outcome: "burned" });
  },
  60_000,
);
