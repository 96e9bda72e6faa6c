import { ClientError, type ClientErrorCode } from "@mayfly/client";
import { CryptoError } from "@mayfly/crypto";
import { PROBLEM_CODES } from "@mayfly/wire";
import { expect, test } from "vitest";
import { describeError } from "../src/error-description.ts";
import { Fault, Stopped } from "../src/fault.ts";

test.each<ClientErrorCode>([
  ...PROBLEM_CODES,
  "offline",
  "bad_answer",
  "damaged",
  "wrong_link",
  "no_passphrase",
])("%s has an exit and a sentence", (code) => {
  const { exit, sentence } = describeError(new ClientError(code));
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
  [
    new ClientError("offline", { leaseEnds: "2026-11-22T10:00:00.000Z" }),
    "service",
    /A read was taken, and the same command cannot repeat it: this one had it until .*2026-11-22T10:00/,
  ],
  [new ClientError("offline", { unanswered: true }), "service", /Nobody knows whether a read was taken/],
  [new ClientError("offline"), "service", /answer was lost\.$/],
  [
    new ClientError("gone", { state: "opened", leaseEnds: "2026-11-22T10:00:00.000Z" }),
    "gone",
    /^The lease of this read ended before all of the secret had come\. A read was taken/,
  ],
  [
    new ClientError("gone", {
      state: "opened",
      endedAt: "2026-11-22T10:00:00.000Z",
      leaseEnds: "2026-11-22T10:00:00.000Z",
    }),
    "gone",
    /^The lease of this read ended before all of the secret had come\. A read was taken/,
  ],
  [
    new ClientError("gone", {
      state: "opened",
      endedAt: "2026-11-22T09:59:00.000Z",
      leaseEnds: "2026-11-22T10:00:00.000Z",
    }),
    "gone",
    /^This secret was destroyed with its manage link before .*T09:59.* this one had it until .*T09:59/,
  ],
  [
    new ClientError("gone", {
      state: "burned",
      endedAt: "2026-11-22T09:59:00.000Z",
      leaseEnds: "2026-11-22T10:00:00.000Z",
    }),
    "gone",
    /^This secret was deleted by its sender: .*T09:59.* this one had it until .*T09:59/,
  ],
  [new ClientError("gone", { state: "opened", unanswered: true }), "gone", /by this command, whose answer/],
  [new Stopped("stopped", "Nothing was stored."), "stopped", /^Nothing was stored\.$/],
  [new CryptoError("link_damaged"), "link", /characters/],
  [new Fault("output", "No room."), "output", /^No room\.$/],
  [new Stopped("terminated"), "terminated", /^$/],
])("%o is told with what it brings along", (error, exit, sentence) => {
  expect(describeError(error)).toEqual({ exit, sentence: expect.stringMatching(sentence) });
});

test("an error that nobody foresaw does not tell what it says", () => {
  const odd = Object.assign(new Error("hunter2 in /home/me"), { code: "EODD" });
  expect(describeError(odd)).toEqual({
    exit: "unexpected",
    sentence: "Something went wrong in mayfly itself (EODD).",
  });
  expect(describeError("hunter2")).toMatchObject({
    sentence: "Something went wrong in mayfly itself (string).",
  });
});

test("no sentence says that nothing was lost, since a read may be spent", () => {
  const codes = [...PROBLEM_CODES, "offline", "bad_answer", "damaged"] as ClientErrorCode[];
  for (const code of codes)
    expect(describeError(new ClientError(code)).sentence).not.toMatch(/nothing was lost/i);
});
