import { deriveKeys, encodeLinkCode, verifierOf } from "@mayfly/crypto";
import { buildEnvelope, fromHex, type Piece } from "@mayfly/crypto/judge";
import envelopes from "@mayfly/crypto/vectors/envelopes.json" with { type: "json" };
import allKeys from "@mayfly/crypto/vectors/keys.json" with { type: "json" };
import refusals from "@mayfly/crypto/vectors/refusals.json" with { type: "json" };
import { expect, test } from "vitest";
import { createClient } from "../src/index.ts";
import { startTinyService } from "./tiny-service.ts";

const named = <T extends { name: string }>(list: readonly T[], name: string) =>
  list.find((each) => each.name === name) as T;

test.each([
  ["meta: null", "unreadable"],
  ["meta: array", "unreadable"],
  ["last byte of the padding", "damaged"],
])("an envelope that authenticates and is refused (%s) is %s, and is not confirmed", async (name, code) => {
  const token = fromHex(named(allKeys.good, "plain").token);
  const keys = deriveKeys(token);
  const pieces = named(refusals, name).pieces as Piece[];
  const good = (of: string) => fromHex(named(envelopes, of).envelope as string);
  const envelope = buildEnvelope(pieces, keys, good);

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
