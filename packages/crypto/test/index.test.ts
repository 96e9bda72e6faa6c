import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as crypto from "../src/index.ts";

test("exports what is documented, and nothing that takes a nonce or shows a root", () => {
  expect(Object.keys(crypto).toSorted()).toEqual([
    "CryptoError",
    "checkPassphrase",
    "createOpener",
    "createSealer",
    "cryptoReasons",
    "decodeBase64url",
    "decodeFields",
    "decodeLinkCode",
    "decodeText",
    "deriveKeys",
    "deriveManageToken",
    "encodeBase64url",
    "encodeFields",
    "encodeLinkCode",
    "encodeText",
    "envelopeLength",
    "linkOrigin",
    "openEnvelope",
    "passphraseSalt",
    "randomBytes",
    "readLink",
    "seal",
    "verifierOf",
  ]);
  const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(Object.keys(exports)).toEqual([".", "./passphrase", "./proquint", "./judge", "./vectors/*.json"]);
});

test("reaches scrypt through the passphrase entry only", () => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8");
    for (const [, from = ""] of source.matchAll(/from "([^"]+)"/g)) {
      if (from.startsWith("./")) visit(from.slice(2));
      else seen.add(from);
    }
  };
  visit("index.ts");
  expect([...seen].filter((name) => !name.endsWith(".ts")).toSorted()).toEqual([
    "@noble/hashes/hkdf.js",
    "@noble/hashes/sha2.js",
    "tweetnacl",
  ]);
  visit("passphrase.ts");
  expect([...seen]).toContain("@noble/hashes/scrypt.js");
});
