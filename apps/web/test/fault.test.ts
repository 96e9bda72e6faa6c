import { ClientError } from "@mayfly/client";
import { CryptoError } from "@mayfly/crypto";
import { expect, test } from "vitest";
import { faultOf, isFinal } from "../src/fault.ts";

test("a refusal keeps what a person needs to know of it", () => {
  const error = new ClientError("gone", { state: "expired", endedAt: "2030-01-01T00:00:00.000Z" });
  expect(faultOf(error)).toEqual({ code: "gone", state: "expired", endedAt: "2030-01-01T00:00:00.000Z" });
  expect(faultOf(new ClientError("wrong_passphrase", { attemptsLeft: 3 }))).toEqual({
    code: "wrong_passphrase",
    attemptsLeft: 3,
  });
});

test("an error of the page's own says nothing of what it was about", () => {
  expect(faultOf(new TypeError("hunter2"))).toEqual({ code: "unexpected" });
  expect(faultOf(new CryptoError("text"))).toEqual({ code: "text" });
});

test("only what no try can mend is final", () => {
  expect((["gone", "not_found", "damaged"] as const).every((code) => isFinal({ code }))).toBe(true);
  const mendable = [
    "offline",
    "halted",
    "wrong_passphrase",
    "unavailable",
    "rate_limited",
    "bad_answer",
  ] as const;
  expect(mendable.some((code) => isFinal({ code }))).toBe(false);
});
