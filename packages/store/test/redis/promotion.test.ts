import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Store } from "../../src/index.ts";
import { live, liveSample, type Sample, sample } from "../conformance/sample.ts";
import { Replication, UNCONFIRMED } from "./replication.ts";

const replication = await Replication.start();
const { primary, replica } = replication;
afterEach(() => replication.release());
afterAll(() => replication.stop());

describe("when the primary is lost and the replica promoted", () => {
  test("what was confirmed is there, and nobody has the bytes of a secret that another claim had", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const secrets: Sample[] = [];
    for (let i = 0; i < 12; i++) secrets.push(await liveSample(store));
    const unread = secrets.slice(8);
    const had = new Set<string>();
    const tryRead = async (of: Store, i: number) => {
      const secret = secrets[i];
      const answer = await of.open((secret as Sample).opening()).catch(() => null);
      return answer?.outcome ?? "unavailable";
    };
    for (let i = 0; i < 4; i++) if ((await tryRead(store, i)) === "opened") had.add(String(i));
    await replication.link?.close();
    for (let i = 4; i < 8; i++) expect(await tryRead(store, i)).toBe("unavailable");
    const late = sample();
    await store.reserve(late.reservation);
    await expect(store.deposit(late.deposit(0))).rejects.toEqual(UNCONFIRMED);
    await primary.kill();
    await replica.client().call("REPLICAOF", "NO", "ONE");

    const after = await replication.open(replica, 0);
    for (let i = 0; i < 4; i++) expect(await tryRead(after, i)).toBe("gone");
    for (let i = 4; i < 8; i++) expect(await tryRead(after, i)).toBe("opened");
    for (const secret of unread)
      expect(await after.open(secret.opening())).toMatchObject({ outcome: "opened" });
    expect(had.size).toBe(4);
    expect(await after.open(late.opening())).toEqual({ outcome: "not_found" });
    await live(after, late);
    await primary.start();
  });

  test("one that keeps no append-only file serves nothing of what it has", async () => {
    await replication.follow();
    const store = await replication.open(primary);
    const secret = await liveSample(store);
    await replica.client().config("SET", "appendonly", "no");
    try {
      await replication.link?.close();
      await replica.client().call("REPLICAOF", "NO", "ONE");
      const after = await replication.open(replica, 0);
      expect(await after.open(secret.opening())).toEqual({ outcome: "not_found" });
    } finally {
      await replica.client().config("SET", "appendonly", "yes");
    }
  });
});
