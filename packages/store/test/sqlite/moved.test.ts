import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { liveSample, type Sample, sample } from "../conformance/sample.ts";
import { type Opened, opened } from "./opened.ts";

const MARK = Buffer.from("mayfly canary ");
const SECRETS = 1_200;
const AT_ONCE = 40;

/** The same numbers in every run: whether rows are moved depends on lengths and order alone. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** So many bytes that tell, every 16 of them, whose they are. */
function marked(bytes: number, secret: number): Uint8Array {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at + MARK.length + 2 <= bytes; at += MARK.length + 2) {
    MARK.copy(content, at);
    content.writeUInt16BE(secret, at + MARK.length);
  }
  return content;
}

/** Whose bytes lie in the files. */
function found(directory: string): Set<number> {
  const secrets = new Set<number>();
  for (const name of readdirSync(directory)) {
    const file = readFileSync(join(directory, name));
    for (let at = file.indexOf(MARK); at >= 0; at = file.indexOf(MARK, at + 1)) {
      const numberAt = at + MARK.length;
      if (numberAt + 2 <= file.length) secrets.add(file.readUInt16BE(numberAt));
    }
  }
  return secrets;
}

/** Secrets of all small lengths come and go in any order; after a sweep: which are there, and whose bytes are. */
async function comeAndGo({ store, directory }: Opened) {
  const below = numbers(7);
  const reserved: { number: number; secret: Sample; bytes: number }[] = [];
  const live = new Map<number, Sample>();
  let number = 0;
  const turn = async () => {
    const kind = below(10);
    if (kind < 4) {
      const made = { number: number++, secret: sample(), bytes: 256 + below(1_200) };
      reserved.push(made);
      await store.reserve({ ...made.secret.reservation, bytes: made.bytes, partBytes: 2_000 });
    } else if (kind < 7) {
      const [next] = reserved.splice(below(reserved.length), 1);
      if (next === undefined) return;
      const bytes = marked(next.bytes, next.number);
      const answer = await store.deposit({ ...next.secret.byManage, part: 0, bytes });
      if (answer.outcome === "live") live.set(next.number, next.secret);
      // Its reservation is still on its way to the same commit.
      else reserved.push(next);
    } else {
      const [who, secret] = [...live][below(live.size)] ?? [];
      if (who === undefined || secret === undefined) return;
      live.delete(who);
      await store.burn(secret.byManage);
    }
  };
  while (number < SECRETS) await Promise.all(Array.from({ length: AT_ONCE }, turn));
  await store.sweep({ batch: 100 });
  return { live: new Set(live.keys()), found: found(directory) };
}

test("nothing of what ended stays where rows were moved to make room for others", async () => {
  const seen = await comeAndGo(await opened());
  expect(seen.live.size).toBeGreaterThan(20);
  expect(seen.found).toEqual(seen.live);
});

test("with its bytes in the leaves of the tree something stays, so that the test above can fail", async () => {
  const wrong = await opened();
  wrong.db.exec(
    "DROP TABLE parts; CREATE TABLE parts (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
  );
  const seen = await comeAndGo(wrong);
  expect([...seen.found].filter((secret) => !seen.live.has(secret))).not.toEqual([]);
});

test("no byte of a part, however long it is, lies in a leaf", async () => {
  const { store, db, directory } = await opened();
  await liveSample(store);
  const page = Number(db.prepare("PRAGMA page_size").get()?.page_size);
  const put = db.prepare("INSERT INTO parts (part, bytes) VALUES (?, ?)");
  db.exec("BEGIN");
  for (let bytes = 1; bytes < 3 * page; bytes += 13)
    put.run((100_000 + bytes) * 2 ** 20, Buffer.alloc(bytes, MARK));
  db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  const file = readFileSync(join(directory, "mayfly.db"));
  const TABLE_LEAF = 0x0d;
  const leaves = [];
  for (let at = page; at < file.length; at += page)
    if (file[at] === TABLE_LEAF) leaves.push(file.subarray(at, at + page));
  expect(file.includes(MARK)).toBe(true);
  expect(leaves.length).toBeGreaterThan(100);
  expect(leaves.filter((leaf) => leaf.includes(MARK.subarray(0, 6)))).toEqual([]);
});
