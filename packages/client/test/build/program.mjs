// @ts-check
// What somebody else's program does with the installed package. Run by each Node, and held against the declarations.
import { strict as assert } from "node:assert";
import {
  createClient,
  errorCode,
  fieldsOf,
  fieldsSecret,
  filesOf,
  filesSecret,
  readLink,
  textOf,
  textSecret,
} from "@mayfly/client";

const client = createClient({ server: process.argv[2] ?? "" });
const once = { lifetime: 3600, reads: 1 };

const { link, manageLink } = await client.protect(textSecret("Grüße 🦋"), {
  ...once,
  passphrase: "three words",
});
assert.equal((await client.status(manageLink)).state, "live");
assert.equal(readLink(`<${link}>.`).repaired, true);
const opener = client.opener(link);
assert.equal(errorCode(await opener.open().catch((error) => error)), "passphrase_required");
const opened = await opener.open({ passphrase: "three words", acknowledge: "manual" });
assert.equal(textOf(opened.secret), "Grüße 🦋");
assert.equal(await opened.acknowledge(), true);

const file = new File([new Uint8Array(300_000).fill(7)], "a.bin", { type: "application/x-a" });
const sent = await client.protect(
  filesSecret([file, { name: "b", size: 1, stream: () => new Blob(["b"]).stream() }]),
  once,
);
/** @type {number[]} */
const lengths = [];
await client.opener(sent.link).openInto({ write: (bytes) => void lengths.push(bytes.length) });
assert.equal(
  lengths.reduce((sum, length) => sum + length, 0),
  300_001,
);

const again = await client.protect(filesSecret([file]), once);
assert.deepEqual(
  filesOf((await client.open(again.link)).secret)?.map(({ name, type, bytes }) => [name, type, bytes.length]),
  [["a.bin", "application/x-a", 300_000]],
);
const login = await client.protect(fieldsSecret("login", { username: "ada" }), once);
assert.deepEqual(fieldsOf((await client.open(login.link)).secret), { username: "ada" });

const stop = new AbortController();
stop.abort(new Error("enough"));
assert.equal(
  (await client.protect(textSecret("x"), { ...once, signal: stop.signal }).catch((error) => error)).message,
  "enough",
);
const spare = await client.protect(textSecret("x"), { ...once, reads: "unlimited" });
await client.burn(spare.manageLink);
assert.equal((await client.status(spare.link)).state, "burned");
assert.equal((await client.service()).state, "accepting");
console.log("done");
