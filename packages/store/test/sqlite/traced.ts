/**
 * A program to be watched at its system calls: secrets go through their life one after another, then eight at a time, with checkpoints
 * often and sweeps between. Says each confirmed step as mortal.ts does, and ends without closing. Arguments: the data
 * directory, SQLite's `synchronous`.
 */
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { databasePath, openDatabase } from "../../src/sqlite/database.ts";
import { storeOver } from "../../src/sqlite/store.ts";
import { type Confirmed, envelopeOf, hashOf, LEASE_MS } from "./mortal.ts";

const [, , directory = "", synchronous = "FULL"] = process.argv;
const path = databasePath(directory);
const db = await openDatabase(path, 1_000, Date.now());
db.exec(`PRAGMA synchronous = ${synchronous}`);
// Few pages, so that checkpoints and restarts of the log come often.
db.exec("PRAGMA wal_autocheckpoint = 30");
const store = storeOver(db, path, { directory, capacityBytes: 1e9, busyTimeoutMs: 1_000 });
const say = (id: string, step: Confirmed) => writeSync(1, `${id} ${step}\n`);

async function live(end: Confirmed): Promise<void> {
  const id = randomBytes(16).toString("base64url");
  const [link, manage, claim] = [hashOf(id, "link"), hashOf(id, "manage"), hashOf(id, "claim")];
  const bytes = envelopeOf(id);
  const terms = {
    lifetimeMs: 86_400_000,
    reads: 1,
    leaseMs: LEASE_MS,
    bytes: bytes.length,
    partBytes: 65_536,
  };
  await store.reserve({ ...terms, id, link, manage, passphrase: null });
  await store.deposit({ id, manage, part: 0, bytes });
  say(id, "live");
  if (end === "live") return;
  if (end === "burned") {
    await store.burn({ id, manage });
    say(id, "burned");
    return;
  }
  await store.open({ id, link, claim, passphrase: null, attempt: randomBytes(16) });
  say(id, "claimed");
  if (end === "claimed") return;
  await store.acknowledge({ id, claim });
  say(id, "acknowledged");
}

const ends: readonly Confirmed[] = ["acknowledged", "burned", "claimed", "live"];
for (const end of ends) await live(end);
await store.sweep({ batch: 8 });
for (const end of ends) await live(end);
await Promise.all([...ends, ...ends].map(live));
await store.sweep({ batch: 8 });
for (const end of ends) await live(end);
process.exit(0);
