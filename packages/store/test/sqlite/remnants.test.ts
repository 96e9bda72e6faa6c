import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { sample } from "../conformance/sample.ts";
import { filesWith } from "./files.ts";
import { type Opened, opened } from "./opened.ts";

const BYTES = 60_000;

/** A whole life of an envelope with canaries at its start, in its middle and at its end, between two that stay. */
async function live({ store, directory }: Opened) {
  const canaries = [0, 1, 2].map(() => randomBytes(24));
  const bytes = randomBytes(BYTES);
  canaries.forEach((canary, i) => {
    canary.copy(bytes, (i * (BYTES - canary.length)) / 2);
  });
  const deposit = async (body: Uint8Array) => {
    const secret = sample();
    await store.reserve({ ...secret.reservation, bytes: BYTES, partBytes: BYTES });
    expect(await store.deposit({ ...secret.byManage, part: 0, bytes: body })).toMatchObject({
      outcome: "live",
    });
    return secret;
  };
  await deposit(randomBytes(BYTES));
  const secret = await deposit(bytes);
  await deposit(randomBytes(BYTES));
  const before = filesWith(directory, canaries);
  const opening = secret.opening();
  expect(await store.open(opening)).toMatchObject({ outcome: "opened" });
  await store.acknowledge({ id: secret.id, claim: opening.claim });
  await store.sweep({ batch: 100 });
  return { before, after: filesWith(directory, canaries) };
}

test("nothing of a secret is left in any file after it was read and swept", async () => {
  const { before, after } = await live(await opened());
  expect(before).toContain("mayfly.db-wal");
  expect(after).toEqual([]);
});

test("the same with secure_delete=FAST leaves remnants, so that the test above can fail", async () => {
  const fast = await opened();
  fast.db.exec("PRAGMA secure_delete = FAST");
  expect((await live(fast)).after).not.toEqual([]);
});
