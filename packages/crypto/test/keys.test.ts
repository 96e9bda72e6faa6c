import { expect, test } from "vitest";
import { deriveKeys, encodeBase64url, type Keys, passphraseSalt, seal } from "../src/index.ts";
import { rootOf } from "../src/keys.ts";
import { refusal } from "./refusal.ts";

const token = new Uint8Array(32).fill(7);
const password = new Uint8Array(32).fill(8);

test("has a passphrase proof with a passphrase only, and the same link proof with and without", () => {
  const plain = deriveKeys(token);
  const locked = deriveKeys(token, password);
  expect("passphraseProof" in plain).toBe(false);
  expect(locked.passphraseProof).toHaveLength(32);
  expect(locked.linkProof).toEqual(plain.linkProof);
});

test("shows nothing that can decrypt when logged or serialised", () => {
  const keys = deriveKeys(token, password);
  expect(Reflect.ownKeys(keys)).toEqual(["linkProof", "passphraseProof"]);
  expect(JSON.stringify(keys)).not.toContain(String(rootOf(keys)));
  expect(encodeBase64url(rootOf(keys))).not.toBe(encodeBase64url(keys.linkProof));
});

test.each([0, 31, 33])("refuses a token or password key of %i bytes", (length) => {
  const wrong = new Uint8Array(length);
  expect(refusal(() => deriveKeys(wrong))).toBe("argument");
  expect(refusal(() => passphraseSalt(wrong))).toBe("argument");
  expect(refusal(() => deriveKeys(token, wrong.fill(1)))).toBe("argument");
});

test("refuses a password key of zeros, which would quietly mean no passphrase", () => {
  expect(refusal(() => deriveKeys(token, new Uint8Array(32)))).toBe("argument");
});

test("refuses keys that it did not make", () => {
  const forged: Keys = { linkProof: new Uint8Array(32) };
  expect(refusal(() => seal({ meta: { kind: "text" }, content: token }, forged))).toBe("argument");
});
