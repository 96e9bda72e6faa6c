import { CryptoError, cryptoReasons } from "@mayfly/crypto";
import { PROBLEM_CODES } from "@mayfly/wire";
import { expect, test } from "vitest";
import {
  ClientError,
  type ClientErrorCode,
  createClient,
  errorCode,
  errorTable,
  textSecret,
} from "../src/index.ts";
import { failure } from "./failure.ts";

// Nothing listens on the discard port of this machine.
const client = createClient({ server: "http://127.0.0.1:9" });
const once = { lifetime: 3600, reads: 1 as const };

test("every refusal of the service has its entry, and so has every reason that can come before a request", () => {
  expect(Object.keys(errorTable)).toEqual(expect.arrayContaining([...PROBLEM_CODES]));
  const early = cryptoReasons.filter((reason) => /^(link|passphrase)_(?!flag$)/.test(reason));
  expect(early).toHaveLength(8);
  expect(Object.keys(errorTable)).toEqual(expect.arrayContaining(early));
});

test("an error of ours has its code, any other has none", () => {
  for (const code of PROBLEM_CODES) expect(errorCode(new ClientError(code as ClientErrorCode))).toBe(code);
  expect(errorCode(new CryptoError("link_missing"))).toBe("link_missing");
  // A reason that never leaves the library.
  expect(errorCode(new CryptoError("closed"))).toBeNull();
  expect(errorCode(new TypeError("x"))).toBeNull();
  expect(errorCode(new DOMException("x", "AbortError"))).toBeNull();
  expect(errorCode("gone")).toBeNull();
});

test.each([
  ["link_missing", () => client.open("nothing")],
  ["passphrase_empty", () => client.protect(textSecret("x"), { ...once, passphrase: "" })],
  ["text", async () => textSecret("\ud800")],
  ["meta", () => client.protect({ meta: { kind: "files", files: [] }, content: new Uint8Array(0) }, once)],
  ["offline", () => client.service()],
])("%s comes where the table says", async (code, work) => {
  expect(errorCode(await failure(work()))).toBe(code);
});
