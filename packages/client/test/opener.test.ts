import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deriveKeys, encodeLinkCode, verifierOf } from "@mayfly/crypto";
import { buildEnvelope, fromHex, type Piece } from "@mayfly/crypto/judge";
import { expect, test } from "vitest";
import { createClient } from "../src/index.ts";
import { startTinyService } from "./tiny-service.ts";

/** Read as text: the bundler's own parser refuses the lone surrogates in them. */
const vectors = (name: string) =>
  JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`@mayfly/crypto/vectors/${name}.json`)), "utf8"));
const envelopes: readonly { name: string; envelope: string }[] = vectors("envelopes");
const refusals: readonly { name: string; pieces: Piece[] }[] = vectors("refusals");
const good: readonly { name: string; token: string }[] = vectors("keys").good;

const named = <T extends { name: string }>(list: readonly T[], name: string) =>
  list.find((each) => each.name === name) as T;

test.each([
  ["meta: null", "unreadable"],
  ["meta: array", "unreadable"],
  ["last byte of the padding", "damaged"],
])("an envelope that authenticates and is refused (%s) is %s, and is not confirmed", async (name, code) => {
  const token = fromHex(named(good, "plain").token);
  const keys = deriveKeys(token);
  const sealed = (of: string) => fromHex(named(envelopes, of).envelope);
  const envelope = buildEnvelope(named(refusals, name).pieces, keys, sealed);

  const tiny = await startTinyService();
  const id = new Uint8Array(16).fill(5);
  tiny.kept.set(Buffer.from(id).toString("base64url"), {
    bytes: envelope.length,
    reads: 1,
    verifiers: { link: Buffer.from(verifierOf(keys.linkProof)).toString("base64url"), manage: "" },
    parts: [Buffer.from(envelope)],
    attemptsLeft: 10,
    acknowledged: false,
    burned: false,
  });
  const link = encodeLinkCode({ kind: "link", hasPassphrase: false, id, secret: token });
  const work = createClient({ server: tiny.origin }).open(link);
  await expect(work).rejects.toMatchObject({ code, leaseEnds: expect.stringMatching(/Z$/) });
  expect(tiny.seen.map(({ url }) => url.split("/").at(-1))).toEqual(["open"]);
  await tiny.stop();
});
