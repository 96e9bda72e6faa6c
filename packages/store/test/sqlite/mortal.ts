/**
 * A program to be killed: it takes secrets through their life, eight at a time, sweeps between them, and says each step that was
 * confirmed to it before it goes on. Arguments: the data directory, and `boast` to say it before it was confirmed, as a wrong store would. Hashes and envelopes follow from the id, so that whoever
 * survives can ask again.
 */
import { createHash, randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { openSqliteStore } from "../../src/sqlite/store.ts";

export type Confirmed = "live" | "claimed" | "acknowledged" | "burned";

/** Long enough that no lease ends by itself while a test runs. */
export const LEASE_MS = 1_800_000;

export function hashOf(id: string, what: "link" | "manage" | "claim" | "other claim"): Uint8Array {
  return createHash("sha256").update(`${what} ${id}`).digest();
}

/** Some fit into a page of the file, some lie across many. */
export function envelopeOf(id: string): Uint8Array {
  const bytes = createHash("sha256").update(`envelope ${id}`).digest();
  const times = (bytes[0] ?? 0) % 4 === 0 ? 600 : 10;
  return new Uint8Array(Buffer.concat(Array.from({ length: times }, () => bytes)));
}

if (import.meta.main) {
  const store = await openSqliteStore({
    directory: process.argv[2] ?? "",
    capacityBytes: 1e9,
    busyTimeoutMs: 20_000,
  });
  const boasts = process.argv[3] === "boast";
  const take = async (id: string, step: Confirmed, run: () => Promise<unknown>): Promise<void> => {
    const say = () => writeSync(1, `${id} ${step}\n`);
    if (boasts) {
      say();
      // As a store that writes behind: whoever kills it comes in time, however busy the machine is.
      await wait(20);
    }
    await run();
    if (!boasts) say();
  };

  const live = async (turn: number): Promise<void> => {
    const id = randomBytes(16).toString("base64url");
    const link = hashOf(id, "link");
    const manage = hashOf(id, "manage");
    const claim = hashOf(id, "claim");
    const bytes = envelopeOf(id);
    const terms = {
      lifetimeMs: 86_400_000,
      reads: 1,
      leaseMs: LEASE_MS,
      bytes: bytes.length,
      partBytes: 65_536,
    };
    await store.reserve({ ...terms, id, link, manage, passphrase: null });
    await take(id, "live", () => store.deposit({ id, manage, part: 0, bytes }));
    if (turn % 5 === 0) return;
    if (turn % 5 === 1) {
      await take(id, "burned", () => store.burn({ id, manage }));
      return;
    }
    const opening = { id, link, claim, passphrase: null, attempt: randomBytes(16) };
    await take(id, "claimed", () => store.open(opening));
    if (turn % 5 === 2) return;
    await take(id, "acknowledged", () => store.acknowledge({ id, claim }));
  };
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      for (let turn = lane; ; turn += 1) {
        await live(turn);
        if (lane === 0 && turn % 4 === 3) await store.sweep({ batch: 100 }).catch(() => undefined);
      }
    }),
  );
}
