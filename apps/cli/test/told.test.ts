import { ClientError, type ClientErrorCode } from "@mayfly/client";
import { CryptoError } from "@mayfly/crypto";
import { problemCodes } from "@mayfly/wire";
import { expect, test } from "vitest";
import { Fault, Stopped } from "../src/fault.ts";
import { toldOf } from "../src/told.ts";

test.each<ClientErrorCode>([
  ...problemCodes,
  "offline",
  "bad_answer",
  "damaged",
  "wrong_link",
  "no_passphrase",
])("%s has an exit and a sentence", (code) => {
  const { exit, sentence } = toldOf(new ClientError(code));
  expect(exit).not.toBe("done");
  expect(sentence).toMatch(/^[A-Z].*\.$/s);
  expect(sentence).not.toMatch(/undefined|NaN/);
});

test.each([
  [
    new ClientError("gone", { state: "locked", endedAt: "2026-11-22T10:00:00.000Z" }),
    "gone",
    /2026-11-22T10:00/,
  ],
  [new ClientError("wrong_passphrase", { attemptsLeft: 1 }), "passphrase", /1 try is left/],
  [new ClientError("rate_limited", { retryAfter: 120 }), "service", /in 2 minutes/],
  [new CryptoError("link_damaged"), "link", /characters/],
  [new Fault("output", "No room."), "output", /^No room\.$/],
  [new Stopped("terminated"), "terminated", /^$/],
])("%o is told with what it brings along", (error, exit, sentence) => {
  expect(toldOf(error)).toEqual({ exit, sentence: expect.stringMatching(sentence) });
});

test("an error that nobody foresaw does not tell what it says", () => {
  const odd = Object.assign(new Error("hunter2 in /home/me"), { code: "EODD" });
  expect(toldOf(odd)).toEqual({
    exit: "unexpected",
    sentence: "Something went wrong in mayfly itself (EODD).",
  });
  expect(toldOf("hunter2")).toMatchObject({ sentence: "Something went wrong in mayfly itself (string)." });
});
