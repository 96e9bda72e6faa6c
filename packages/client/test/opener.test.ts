import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deriveKeys, encodeLinkCode, verifierOf } from "@mayfly/crypto";
import { buildEnvelope, fromHex, type Piece } from "@mayfly/crypto/judge";
import { expect, test } from "vitest";
import { createClient, fieldsOf, filesOf, textOf } from "../src/index.ts";
import { startTinyService } from "./tiny-service.ts";

/** Read as text: the bundler's own parser refuses the lone surrogates in them. */
const vectors = (name: string) =>
  JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`@mayfly/crypto/vectors/${name}.json`)), "utf8"));
const envelopes: readonly { name: string; envelope: string }[] = vectors("envelopes");
const refusals: readonly { name: string; pieces: Piece[] }[] = vectors("refusals");
const good: readonly { name: string; token: string }[] = vectors("keys").good;

const named = <T extends { name: string }>(list: readonly T[], name: string) =>
  list.find((each) => each.name === name) as T;

const unknowns: readonly { name: string; pieces: Piece[]; content: { hex: string } }[] = vectors("unknowns");

/** A service that keeps an envelope built of these pieces, and the link to it. */
async function serving(pieces: Piece[]) {
  const token = fromHex(named(good, "plain").token);
  const keys = deriveKeys(token);
  const sealed = (of: string) => fromHex(named(envelopes, of).envelope);
  const envelope = buildEnvelope(pieces, keys, sealed);

  const tiny = await startTinyService();
  const id = new Uint8Array(16).fill(5);
  const kept = {
    bytes: envelope.length,
    reads: 1,
    verifiers: { link: Buffer.from(verifierOf(keys.linkProof)).toString("base64url"), manage: "" },
    parts: [Buffer.from(envelope)],
    attemptsLeft: 10,
    acknowledged: false,
    burned: false,
  };
  tiny.kept.set(Buffer.from(id).toString("base64url"), kept);
  const link = encodeLinkCode({ kind: "link", hasPassphrase: false, id, secret: token });
  return { tiny, kept, link, client: createClient({ server: tiny.origin }) };
}

test("an envelope that authenticates and is refused is damaged, and is not confirmed", async () => {
  const { tiny, client, link } = await serving(named(refusals, "last byte of the padding").pieces);
  const work = client.open(link);
  await expect(work).rejects.toMatchObject({ code: "damaged", leaseEnds: expect.stringMatching(/Z$/) });
  expect(tiny.seen.map(({ url }) => url.split("/").at(-1))).toEqual(["open"]);
  await tiny.stop();
});

test.each(["meta: null", "meta: kind unknown", "meta: file size over the content's"])(
  "a secret of an unknown kind (%s) comes as bytes, and only a person confirms it",
  async (name) => {
    const { pieces, content } = named(unknowns, name);
    const { tiny, kept, client, link } = await serving(pieces);
    const opened = await client.open(link);
    expect(opened.secret).toEqual({ meta: { kind: "unknown" }, content: fromHex(content.hex) });
    expect(opened.unreadable).toBe(true);
    expect([textOf, fieldsOf, filesOf].map((of) => of(opened.secret))).toEqual([null, null, null]);
    expect(tiny.seen.map(({ url }) => url.split("/").at(-1))).toEqual(["open"]);
    expect(await opened.acknowledge()).toBe(true);
    expect(kept.acknowledged).toBe(true);
    await tiny.stop();
  },
);

test("a sink takes a secret of an unknown kind as bytes, or refuses it unconfirmed", async () => {
  const { pieces, content } = named(unknowns, "meta: kind unknown");
  const { tiny, kept, client, link } = await serving(pieces);
  const opener = client.opener(link);
  const refusing = {
    begin: () => Promise.reject(new Error("no")),
    write: () => {},
  };
  await expect(opener.openInto(refusing)).rejects.toThrow("no");
  expect(kept.acknowledged).toBe(false);
  const begun: unknown[] = [];
  const written: Uint8Array[] = [];
  const read = await opener.openInto({
    begin: (meta, length) => void begun.push(meta, length),
    write: (bytes) => void written.push(bytes),
  });
  expect(begun).toEqual([{ kind: "unknown" }, 4]);
  expect(Buffer.concat(written).toString("hex")).toBe(content.hex);
  expect(await read.acknowledged).toBe(true);
  await tiny.stop();
});
