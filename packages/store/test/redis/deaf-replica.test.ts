import { afterAll, afterEach, describe, expect, test } from "vitest";
import { hash, liveSample, opened, sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import { Replication, TIMEOUT_MS, UNCONFIRMED } from "./replication.ts";
import { eventually, settlesWithin } from "./server.ts";

const replication = await Replication.start();
const { primary, replica } = replication;
afterEach(() => replication.release());
afterAll(() => replication.stop());

describe("while the replica hears nothing", () => {
  test("no verb gives out, ends or makes live, and each does when the same call comes again", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const [read, leased, burned] = [
      await liveSample(store),
      await liveSample(store, { parts: 2 }),
      await liveSample(store),
    ];
    const reserved = sample();
    await store.reserve(reserved.reservation);
    const [opening, running] = [read.opening(), leased.opening()];
    await opened(store, running);
    const part = { id: leased.id, claim: running.claim, part: 1 };
    const calls: (() => Promise<{ outcome: string }>)[] = [
      () => store.open(opening),
      () => store.part(part),
      () => store.deposit(reserved.deposit(0)),
      () => store.acknowledge({ id: leased.id, claim: running.claim }),
      () => store.burn(burned.byManage),
    ];
    await replication.link?.close();
    for (const call of calls.filter((_, i) => i !== 3)) await expect(call()).rejects.toEqual(UNCONFIRMED);
    await expect(store.open(opening)).rejects.toEqual(UNCONFIRMED);
    await expect(store.acknowledge({ id: leased.id, claim: running.claim })).rejects.toEqual(UNCONFIRMED);
    expect((await store.heartbeat()).storeId).not.toBe("");
    await replication.follow();
    const answers = await Promise.all(calls.map((call) => call().catch(() => null)));
    expect(answers.map((answer) => answer?.outcome)).toEqual([
      "opened",
      expect.stringMatching("part|gone"),
      "live",
      "acknowledged",
      "burned",
    ]);
    expect(await store.open(read.opening())).toMatchObject({ outcome: "gone" });
  });

  test("the status tells no read and no end that would be undone if the primary were lost, and what was left alone it tells", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const [read, burned, alone] = [
      await liveSample(store, { reads: 2 }),
      await liveSample(store),
      await liveSample(store),
    ];
    await replication.link?.close();
    await expect(store.open(read.opening())).rejects.toEqual(UNCONFIRMED);
    await expect(store.burn(burned.byManage)).rejects.toEqual(UNCONFIRMED);
    await expect(store.status(read.byLink)).rejects.toEqual(UNCONFIRMED);
    await expect(store.status(burned.byManage)).rejects.toEqual(UNCONFIRMED);
    expect(await store.status(alone.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
    await replication.follow();
    expect(await store.status(read.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
    expect(await store.status(burned.byManage)).toMatchObject({ state: "burned" });
  });

  test("an id without its link is answered like one that was never given out", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const secret = await liveSample(store);
    const stranger = sample();
    const calls = (id: string): (() => Promise<{ outcome: string }>)[] => [
      () => store.open({ ...stranger.opening(), id }),
      () => store.part({ id, claim: hash(), part: 0 }),
      () => store.acknowledge({ id, claim: hash() }),
      () => store.deposit({ ...stranger.deposit(0), id }),
      () => store.burn({ id, manage: hash() }),
      () => store.status({ id, link: hash() }),
    ];
    // All that was written is confirmed, and the link is up: nothing has to be waited for, unless something is written.
    const info = () => primary.client().info("replication");
    await eventually(async () => {
      const [, offset] = /master_repl_offset:(\d+)/.exec(await info()) ?? [];
      return (await info()).includes(`offset=${offset},`);
    }, 15_000);
    replication.link?.holdAnswers();
    for (const id of [stranger.id, secret.id])
      for (const call of calls(id)) expect(await call()).toEqual({ outcome: "not_found" });
  });

  test("no passphrase attempt is told that would be given back if the primary were lost", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const secret = await liveSample(store, { passphrase: true });
    await replication.link?.close();
    expect(await store.status(secret.byLink)).toMatchObject({ attemptsLeft: 10 });
    await expect(store.open(secret.guess())).rejects.toEqual(UNCONFIRMED);
    await expect(store.status(secret.byLink)).rejects.toEqual(UNCONFIRMED);
    await replication.follow();
    expect(await store.status(secret.byLink)).toMatchObject({ attemptsLeft: 9 });
  });

  test("a sweep is not recorded for certain, and is when the same call comes again", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const startedAt = await store.now();
    const report = { startedAt, removed: await store.sweep({ batch: 10 }), worker: "w", run: "run" };
    await replication.link?.close();
    await expect(recordSweep(store, report)).rejects.toEqual(UNCONFIRMED);
    await expect(recordSweep(store, report)).rejects.toEqual(UNCONFIRMED);
    await replication.follow();
    const recorded = await recordSweep(store, report);
    expect((await store.heartbeat()).heartbeat).toEqual(recorded);
    const sequence = (recorded?.sequence ?? 0) + 1;
    expect(await recordSweep(store, { ...report, run: "the next" })).toMatchObject({ sequence });
  });

  test("a start and the sweep say that too few are in step", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    expect(await store.ruleFaults()).toEqual([]);
    expect(store.facts.join(" ")).toContain("Every replica confirms each read");
    await replication.link?.close();
    await replica.client().call("REPLICAOF", "NO", "ONE");
    const fault = "MAYFLY_REDIS_WAIT_REPLICAS is 1, but 0 replicas are in step: nothing would be given out.";
    await eventually(async () => (await store.ruleFaults()).includes(fault));
    await expect(replication.open(primary)).rejects.toMatchObject({ name: "StoreRefused", faults: [fault] });
  });

  test("fifty callers are all told within their time", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const secret = await liveSample(store);
    await replication.link?.close();
    const told = Promise.allSettled(Array.from({ length: 50 }, () => store.open(secret.opening())));
    expect(await settlesWithin(TIMEOUT_MS + 200, told)).toBe(true);
    const calls = await told;
    const reasons = calls.map((call) => (call.status === "rejected" ? call.reason.reason : "answered"));
    expect(new Set(reasons)).toEqual(
      new Set(["replicas", "busy", "timeout"].filter((r) => reasons.includes(r))),
    );
  });
});
