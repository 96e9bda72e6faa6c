import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Store } from "../../src/index.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { type Confirmed, hashOf } from "./mortal.ts";
import { freshDirectory } from "./opened.ts";

const KILLS = 20;

/** Lets the program run, kills it at a random confirmation, and answers what was the last that each secret's steps said. */
async function runAndKill(directory: string): Promise<Map<string, Confirmed>> {
  const program = fileURLToPath(new URL("mortal.ts", import.meta.url));
  const child = spawn(process.execPath, [program, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const confirmed = new Map<string, Confirmed>();
  let left = randomInt(1, 400);
  for await (const line of createInterface({ input: child.stdout })) {
    // The last line may have been cut by the kill.
    const [, id, step] = /^([\w-]{22}) (live|claimed|acknowledged|burned)$/.exec(line) ?? [];
    if (id && step) confirmed.set(id, step as Confirmed);
    left -= 1;
    if (left === 0) child.kill("SIGKILL");
  }
  expect((await exit)[1]).toBe("SIGKILL");
  return confirmed;
}

/** A step after the last confirmed one may have been done or not; a confirmed one must never be undone. */
async function check(store: Store, db: DatabaseSync, id: string, step: Confirmed): Promise<void> {
  const open = (who: "claim" | "other claim") =>
    store.open({
      id,
      link: hashOf(id, "link"),
      claim: hashOf(id, who),
      passphrase: null,
      attempt: randomBytes(16),
    });
  const status = await store.status({ id, manage: hashOf(id, "manage") });
  const allowed = {
    live: ["live", "claimed", "burned"],
    claimed: ["claimed", "opened"],
    acknowledged: ["opened"],
    burned: ["burned"],
  };
  if (status.outcome !== "status") throw new Error(`${step} and not there any more`);
  expect(allowed[step], step).toContain(status.state);
  if (status.state === "claimed") {
    expect(await open("other claim")).toMatchObject({ outcome: "gone" });
    expect(await open("claim")).toMatchObject({
      outcome: "opened",
      part: new Uint8Array(hashOf(id, "envelope")),
    });
  }
  if (status.state === "live") {
    expect(await open("claim")).toMatchObject({
      outcome: "opened",
      part: new Uint8Array(hashOf(id, "envelope")),
    });
  }
  const held = "SELECT 1 FROM secrets JOIN parts ON part = secret * 1048576 WHERE id = ?";
  const left = db.prepare(held).get(id) !== undefined;
  expect(left, step).toBe(status.state === "live" || status.state === "claimed");
}

test(`after each of ${KILLS} kills the file is whole and no confirmed step is undone`, async () => {
  const directory = freshDirectory();
  const seen = new Set<Confirmed>();
  for (let i = 0; i < KILLS; i++) {
    const confirmed = await runAndKill(directory);
    const store = await openSqliteStore({ directory, capacityBytes: 1e9, busyTimeoutMs: 5_000 });
    const db = new DatabaseSync(`${directory}/mayfly.db`);
    try {
      expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      for (const [id, step] of confirmed) {
        await check(store, db, id, step);
        seen.add(step);
      }
      expect(await store.overdue(await store.now(), { batch: 1_000 })).toBe(0);
    } finally {
      db.close();
      await store.close();
    }
  }
  expect(seen.size).toBe(4);
}, 90_000);
