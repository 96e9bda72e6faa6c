import { createHash, hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { derive, extractLink, labels } from "../src/derivation.ts";
import { deriveKeys, encodeBase64url, openEnvelope, passphraseSalt, seal, verifierOf } from "../src/index.ts";
import { rootOf } from "../src/keys.ts";
import { refusal } from "./refusal.ts";
import { seeded } from "./seeded.ts";

const random = seeded(2_026);

test("has no label that is a prefix of another", () => {
  const all = Object.values(labels);
  for (const one of all) expect(all.filter((other) => other.startsWith(one))).toEqual([one]);
});

test("derives as Node's own HKDF does", () => {
  const token = random.bytes(32);
  const expected = new Uint8Array(hkdfSync("sha256", token, "mayfly/v1/link", "mayfly/v1/link-proof", 32));
  expect(deriveKeys(token).linkProof).toEqual(expected);
  expect(verifierOf(expected)).toEqual(new Uint8Array(createHash("sha256").update(expected).digest()));
});

test("gives pairwise different values for a thousand tokens", () => {
  const seen = new Set<string>();
  const runs = 1_000;
  for (let run = 0; run < runs; run++) {
    const token = random.bytes(32);
    const password = random.bytes(32);
    const plain = deriveKeys(token);
    const locked = deriveKeys(token, password);
    const link = extractLink(token);
    const values = [
      token,
      password,
      link,
      derive(link, "seed", 32),
      passphraseSalt(token),
      plain.linkProof,
      verifierOf(plain.linkProof),
      rootOf(plain),
      rootOf(locked),
      locked.passphraseProof as Uint8Array,
      verifierOf(locked.passphraseProof as Uint8Array),
      derive(rootOf(plain), "payload", 32),
      derive(rootOf(locked), "payload", 32),
    ];
    for (const value of values) seen.add(encodeBase64url(value));
  }
  expect(seen.size).toBe(13 * runs);
});

test("opens with the token alone: not with a proof, a verifier or a salt in its place", () => {
  const token = random.bytes(32);
  const keys = deriveKeys(token);
  const envelope = seal({ meta: { kind: "text" }, content: random.bytes(50) }, keys);
  for (const wrong of [keys.linkProof, verifierOf(keys.linkProof), passphraseSalt(token), rootOf(keys)]) {
    expect(refusal(() => openEnvelope(envelope, deriveKeys(wrong)))).toBe("commitment");
    expect(refusal(() => openEnvelope(envelope, deriveKeys(token, wrong)))).toBe("passphrase_flag");
  }
});
