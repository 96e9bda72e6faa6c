import { createHash, hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { extractLink, extractManage } from "../src/derivation.ts";
import { deriveKeys, deriveManageToken, encodeBase64url, verifierOf } from "../src/index.ts";
import { refusal } from "./refusal.ts";
import { seeded } from "./seeded.ts";

const random = seeded(27);

test("derives as Node's own HKDF does", () => {
  const seed = random.bytes(32);
  const expected = new Uint8Array(
    hkdfSync("sha256", seed, "mayfly/v1/manage-seed", "mayfly/v1/manage-token", 32),
  );
  expect(deriveManageToken(seed)).toEqual(expected);
  expect(verifierOf(expected)).toEqual(new Uint8Array(createHash("sha256").update(expected).digest()));
});

test("derives other values from a seed than from a token of the same bytes", () => {
  const bytes = random.bytes(32);
  const keys = deriveKeys(bytes, random.bytes(32));
  const values = [
    bytes,
    extractLink(bytes),
    extractManage(bytes),
    deriveManageToken(bytes),
    verifierOf(bytes),
    verifierOf(deriveManageToken(bytes)),
    keys.linkProof,
    keys.passphraseProof as Uint8Array,
  ];
  expect(new Set(values.map(encodeBase64url)).size).toBe(values.length);
});

test.each([0, 31, 33])("refuses a seed of %i bytes", (length) => {
  expect(refusal(() => deriveManageToken(new Uint8Array(length)))).toBe("argument");
});
