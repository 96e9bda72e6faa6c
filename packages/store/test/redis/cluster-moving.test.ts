import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type OpenAnswer, type Store, StoreUnavailable } from "../../src/index.ts";
import { parseAddress } from "../../src/redis/address.ts";
import { Cluster } from "../../src/redis/cluster.ts";
import { History } from "../../src/redis/history.ts";
import { partKey, recordKey } from "../../src/redis/keys.ts";
import { slotOf } from "../../src/redis/slot-map.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { hash, live, liveSample, opened, type Sample, sample } from "../conformance/sample.ts";
import { startCluster, type TestCluster } from "./cluster-servers.ts";
import { insist as insisted } from "./insist.ts";
import { SlotMover } from "./moving-slot.ts";
import type { TestServer } from "./server.ts";

const OPTIONS = { commandTimeoutMs: 5_000, persistence: "any", capacityBytes: 2 ** 40 } as const;
const OPENERS = 8;

const [kept, forgetful] = await Promise.all([
  startCluster({ settings: ["appendonly", "yes"] }),
  startCluster(),
]);
const movers = new Map([kept, forgetful].map((cluster) => [cluster, new SlotMover(cluster.primaries)]));
afterAll(() => Promise.all([kept.stop(), forgetful.stop()]));
const stores: Store[] = [];
afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

async function open(cluster: TestCluster): Promise<Store> {
  const store = await openRedisStore({ url: cluster.url(), ...OPTIONS });
  stores.push(store);
  return store;
}

interface Way {
  readonly slot: number;
  readonly from: TestServer;
  readonly to: TestServer;
  readonly mover: SlotMover;
}

/** From the secret's node to the next one. */
async function wayOf(cluster: TestCluster, { id }: Sample): Promise<Way> {
  const from = await cluster.ownerOf(recordKey(id));
  const { primaries } = cluster;
  const to = primaries[(primaries.indexOf(from) + 1) % primaries.length] as TestServer;
  return { slot: slotOf(recordKey(id)), from, to, mover: movers.get(cluster) as SlotMover };
}

function keysOf({ id, parts }: Sample): string[] {
  return [recordKey(id), ...parts.map((_, n) => partKey(id, n))];
}

const insist = <T>(call: () => Promise<T>, refused = () => {}) =>
  insisted(call, { withinMs: 60_000, refused });

describe("a slot that moves while its secret is wanted:", () => {
  test("one of the openers has the bytes, and every other is told that it was opened", async () => {
    const store = await open(kept);
    const other = await open(kept);
    let refusals = 0;
    for (let round = 0; round < 30; round++) {
      const secret = await insist(() => liveSample(store, { parts: 1 + (round % 3) }));
      const { slot, from, to, mover } = await wayOf(kept, secret);
      const opener = (n: number) => {
        const mine = secret.opening(hash());
        return insist(
          () => (n % 2 === 0 ? store : other).open(mine),
          () => {
            refusals += 1;
          },
        );
      };
      const keys = keysOf(secret);
      let opening: Promise<OpenAnswer>[] = [];
      const way = await mover.begin(slot, from, to);
      for (let n = 0; n < keys.length; n++) {
        if (n === Math.floor(round / 3) % keys.length)
          opening = Array.from({ length: OPENERS }, (_, i) => opener(i));
        await way.send(keys[(n + round) % keys.length] as string);
      }
      await way.finish();
      const answers = await Promise.all(opening);
      const outcomes = answers.map(({ outcome }) => outcome).sort();
      expect(outcomes).toEqual([...Array.from({ length: OPENERS - 1 }, () => "gone"), "opened"]);
      expect(answers.find(({ outcome }) => outcome === "opened")).toMatchObject({ part: secret.parts[0] });
    }
    // Else nobody came while a slot was on its way.
    expect(refusals).toBeGreaterThan(0);
  }, 120_000);

  test("with its keys on two nodes it is neither read nor lost, whichever went first", async () => {
    const store = await open(kept);
    for (const first of [0, 1, 2, 3]) {
      const secret = await liveSample(store, { parts: 3 });
      const { slot, from, to, mover } = await wayOf(kept, secret);
      const way = await mover.begin(slot, from, to);
      const keys = keysOf(secret);
      for (let n = 0; n < keys.length - 1; n++) {
        await way.send(keys[(n + first) % keys.length] as string);
        await expect(store.open(secret.opening())).rejects.toMatchObject({ reason: "busy" });
        await expect(store.sweep({ batch: 10 })).rejects.toMatchObject({ reason: "busy" });
      }
      await way.finish();
      expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened", part: secret.parts[0] });
      expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone" });
    }
    await insist(() => store.sweep({ batch: 10 }));
  });

  test("a reader in the middle of an envelope comes to its end, and what it confirms or burns is gone", async () => {
    const store = await open(kept);
    for (const last of ["acknowledge", "burn"] as const) {
      const secret = await liveSample(store, { parts: 2 });
      const { id } = secret;
      const opening = secret.opening();
      await opened(store, opening);
      const { slot, from, to, mover } = await wayOf(kept, secret);
      const way = await mover.begin(slot, from, to);
      await way.send(partKey(id, 1));
      const part = { id, claim: opening.claim, part: 1 };
      await expect(store.part(part)).rejects.toMatchObject({ reason: "busy" });
      const end = () =>
        last === "burn" ? store.burn(secret.byManage) : store.acknowledge({ id, claim: opening.claim });
      await way.finish();
      expect(await store.part(part)).toMatchObject({ outcome: "part", part: secret.parts[1] });
      expect((await end()).outcome).toBe(last === "burn" ? "gone" : "acknowledged");
      expect(await kept.keys(`mayfly:{${id}}:part:*`)).toEqual([]);
    }
  });

  test("what would end it is refused and destroys nothing, and the same call ends it when the slot has arrived", async () => {
    const store = await open(kept);
    for (const how of ["acknowledge", "burn", "guess"] as const) {
      const secret = await liveSample(store, { parts: 3, passphrase: how === "guess" });
      const { id, parts } = secret;
      const opening = secret.opening();
      if (how === "acknowledge") await opened(store, opening);
      for (let n = 1; how === "guess" && n < 10; n++) await store.open(secret.guess());
      const end = {
        acknowledge: () => store.acknowledge({ id, claim: opening.claim }),
        burn: () => store.burn(secret.byManage),
        guess: () => store.open(secret.guess()),
      }[how];
      const { slot, from, to, mover } = await wayOf(kept, secret);
      const way = await mover.begin(slot, from, to);
      await way.send(partKey(id, 1));
      for (const _ of [1, 2]) await expect(end()).rejects.toMatchObject({ reason: "busy" });
      await way.finish();
      expect(await kept.keys(`mayfly:{${id}}:part:*`)).toHaveLength(parts.length);
      const outcome = { acknowledge: "acknowledged", burn: "burned", guess: "gone" }[how];
      expect(await end()).toMatchObject({ outcome });
      expect(await kept.keys(`mayfly:{${id}}:part:*`)).toEqual([]);
      const state = { acknowledge: "opened", burn: "burned", guess: "locked" }[how];
      expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone", state });
    }
  });

  test("a deposit is taken up where it stopped", async () => {
    const store = await open(kept);
    const secret = sample({ parts: 3 });
    await store.reserve(secret.reservation);
    await store.deposit(secret.deposit(0));
    const { slot, from, to, mover } = await wayOf(kept, secret);
    const way = await mover.begin(slot, from, to);
    await expect(store.deposit(secret.deposit(1))).rejects.toMatchObject({ reason: "busy" });
    await way.send(recordKey(secret.id));
    await expect(store.deposit(secret.deposit(1))).rejects.toMatchObject({ reason: "busy" });
    await way.finish();
    await live(store, secret);
    expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
  });

  test("after it has moved, the first call finds it, on every connection and in one time", async () => {
    const store = await open(kept);
    for (let round = 0; round < 5; round++) {
      const secret = await liveSample(store);
      const { slot, from, to, mover } = await wayOf(kept, secret);
      await mover.move(slot, from, to);
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.open(secret.opening(hash()))));
      expect(answers.filter(({ outcome }) => outcome === "opened")).toHaveLength(1);
    }
  });
});

test("a copy that was left behind is read by nobody, and no sweep is complete until it is gone", async () => {
  const store = await open(kept);
  const secret = await liveSample(store);
  const { slot, from, to, mover } = await wayOf(kept, secret);
  const way = await mover.begin(slot, from, to);
  await way.leaveCopies();
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone" });
  await expect(store.sweep({ batch: 10 })).rejects.toBeInstanceOf(StoreUnavailable);
  await mover.move(slot, from, to);
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone" });
  await insist(() => store.sweep({ batch: 10 }));
});

describe("a visit to every primary", () => {
  test("fails when a slot moved meanwhile, even when it came back", async () => {
    const cluster = await Cluster.open(
      parseAddress(kept.url()),
      { url: "", ...OPTIONS },
      new History(undefined, false),
    );
    const [from, to] = kept.primaries as [TestServer, TestServer];
    const mover = movers.get(kept) as SlotMover;
    try {
      const quiet = await insist(() => cluster.everywhere(async (nodes) => nodes.length));
      expect(quiet.found).toBe(3);
      expect(quiet.binding()).toBe("");
      const slot = slotOf("a");
      const at = await kept.ownerOf("a");
      const away = at === from ? to : from;
      const fro = async () => {
        await mover.move(slot, at, away);
        await mover.move(slot, away, at);
      };
      await expect(cluster.everywhere(fro)).rejects.toMatchObject({ reason: "busy" });
      await insist(() => cluster.everywhere(async () => null));
    } finally {
      await cluster.close();
    }
  });
});

test("without an append-only file a secret ends where its slot moves, and is whole when it comes back unseen", async () => {
  const store = await open(forgetful);
  const secret = await liveSample(store, { parts: 2 });
  const { slot, from, to, mover } = await wayOf(forgetful, secret);
  await mover.move(slot, from, to);
  expect(await store.open(secret.opening())).toEqual({ outcome: "not_found" });
  await mover.move(slot, to, from);
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened", part: secret.parts[0] });

  const lost = await liveSample(store);
  const way = await wayOf(forgetful, lost);
  await way.mover.move(way.slot, way.from, way.to);
  await insist(() => store.sweep({ batch: 10 }));
  await way.mover.move(way.slot, way.to, way.from);
  expect(await store.open(lost.opening())).toEqual({ outcome: "not_found" });
  expect(await forgetful.keys(`mayfly:{${lost.id}}*`)).toEqual([]);
});
