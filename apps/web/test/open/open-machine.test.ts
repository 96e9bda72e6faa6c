import { ClientError, type Opened } from "@mayfly/client";
import { expect, test } from "vitest";
import {
  type Hold,
  isLosing,
  type OpenEvent,
  type OpenState,
  openStep,
  startOpen,
} from "../../src/open/open-machine.ts";

const run = (...events: OpenEvent[]) => events.reduce<OpenState>(openStep, startOpen);
const failed = (code: ClientError["code"], details = {}, hold: Hold = null): OpenEvent => ({
  type: "failed",
  error: new ClientError(code, details),
  hold,
});
const bytes = new Uint8Array(1);
const at = "2030-01-01T00:00:00.000Z";
const opened: Opened = {
  secret: { meta: { kind: "text" }, content: bytes },
  readsLeft: 0,
  leaseEnds: at,
  acknowledged: Promise.resolve(true),
  acknowledge: () => Promise.resolve(true),
};
const read = (readsLeft: Opened["readsLeft"] = 0): OpenEvent => ({
  type: "opened",
  opened: { ...opened, readsLeft },
  content: { kind: "text", text: "x", bytes },
});

test("nothing happens before the button", () => {
  expect(run(read(), failed("gone"))).toBe(startOpen);
});

test("a wrong passphrase and a lost network lead back to the button, with what is known", () => {
  expect(run({ type: "revealed" }, failed("wrong_passphrase", { attemptsLeft: 9 }))).toEqual({
    step: "ready",
    hold: null,
    fault: { code: "wrong_passphrase", attemptsLeft: 9 },
  });
  expect(run({ type: "revealed" }, failed("offline", {}, "unanswered"))).toMatchObject({
    step: "ready",
    hold: "unanswered",
    fault: { code: "offline" },
  });
});

test("what is gone stays gone, with what this page had of it", () => {
  const state = run({ type: "revealed" }, failed("gone", { state: "burned" }, at));
  expect(state).toEqual({ step: "ended", hold: at, fault: { code: "gone", state: "burned" } });
  expect(openStep(state, { type: "revealed" })).toBe(state);
});

test("a second press while working changes nothing", () => {
  const working = run({ type: "revealed" });
  expect(openStep(working, { type: "revealed" })).toBe(working);
});

test("the secret is shown before the service confirmed, and stays when it did not", () => {
  const shown = run({ type: "revealed" }, read());
  expect(shown).toMatchObject({ step: "shown", confirmation: "asking", hidden: false });
  const confirmed = openStep(shown, { type: "confirmed", confirmed: true });
  expect(confirmed).toMatchObject({ confirmation: "confirmed" });
  expect(openStep(confirmed, { type: "erasing", within: 10 })).toMatchObject({ erasedWithin: 10 });
  expect(openStep(shown, { type: "confirmed", confirmed: false })).toMatchObject({
    step: "shown",
    confirmation: "unconfirmed",
  });
  expect(openStep(shown, { type: "toggled" })).toMatchObject({ step: "shown", hidden: true });
});

test("of what can only be saved the service is told after that", () => {
  const content = { kind: "unreadable" as const, bytes };
  const shown = run({ type: "revealed" }, { type: "opened", opened, content });
  expect(shown).toMatchObject({ confirmation: "unsaved" });
  expect(openStep(shown, { type: "telling" })).toMatchObject({ confirmation: "asking" });
});

test("a halt ends by itself, and what may be held is not forgotten", () => {
  expect(run({ type: "revealed" }, failed("halted"), { type: "recovered" })).toEqual(startOpen);
  expect(run({ type: "revealed" }, failed("halted", {}, at), { type: "recovered" })).toEqual({
    step: "ready",
    hold: at,
  });
  const offline = run({ type: "revealed" }, failed("offline"));
  expect(openStep(offline, { type: "recovered" })).toBe(offline);
});

test("leaving loses what is on its way, what this page alone may get, and what is not copied or saved", () => {
  expect(isLosing(startOpen)).toBe(false);
  expect(isLosing(run({ type: "revealed" }))).toBe(true);
  expect(isLosing(run({ type: "revealed" }, failed("wrong_passphrase")))).toBe(false);
  expect(isLosing(run({ type: "revealed" }, failed("offline", {}, "unanswered")))).toBe(true);
  expect(isLosing(run({ type: "revealed" }, failed("unavailable", {}, at)))).toBe(true);
  expect(isLosing(run({ type: "revealed" }, failed("gone")))).toBe(false);
  expect(isLosing(run({ type: "revealed" }, read()))).toBe(true);
  expect(isLosing(run({ type: "revealed" }, read(1)))).toBe(true);
  expect(isLosing(run({ type: "revealed" }, read("unlimited")))).toBe(false);
  expect(isLosing(run({ type: "revealed" }, read(), { type: "kept" }))).toBe(false);
});
