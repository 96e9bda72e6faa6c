import { ClientError, type Opened } from "@mayfly/client";
import { expect, test } from "vitest";
import { type OpenEvent, type OpenState, openStep, startOpen } from "../../src/open/open-machine.ts";

const run = (...events: OpenEvent[]) => events.reduce<OpenState>(openStep, startOpen);
const failed = (...error: ConstructorParameters<typeof ClientError>): OpenEvent => ({
  type: "failed",
  error: new ClientError(...error),
});
const opened: Opened = {
  secret: { meta: { kind: "text" }, content: new Uint8Array(1) },
  readsLeft: 0,
  leaseEnds: "2030-01-01T00:00:00.000Z",
  acknowledged: Promise.resolve(true),
  acknowledge: () => Promise.resolve(true),
};

test("nothing happens before the button", () => {
  expect(run({ type: "opened", opened }, failed("gone"))).toBe(startOpen);
});

test("a wrong passphrase and a lost network lead back to the button, with what is known", () => {
  expect(run({ type: "revealed" }, failed("wrong_passphrase", { attemptsLeft: 9 }))).toEqual({
    step: "ready",
    fault: { code: "wrong_passphrase", attemptsLeft: 9 },
  });
  expect(run({ type: "revealed" }, failed("offline"))).toMatchObject({
    step: "ready",
    fault: { code: "offline" },
  });
});

test("what is gone stays gone", () => {
  const state = run({ type: "revealed" }, failed("gone", { state: "burned" }));
  expect(state).toEqual({ step: "ended", fault: { code: "gone", state: "burned" } });
  expect(openStep(state, { type: "revealed" })).toBe(state);
});

test("a second press while working changes nothing", () => {
  const working = run({ type: "revealed" });
  expect(openStep(working, { type: "revealed" })).toBe(working);
});

test("the secret is shown before the service confirmed, and stays when it did not", () => {
  const shown = run({ type: "revealed" }, { type: "opened", opened });
  expect(shown).toMatchObject({ step: "shown", confirmation: "asking", hidden: false });
  expect(openStep(shown, { type: "confirmed", confirmed: true })).toMatchObject({
    confirmation: "confirmed",
  });
  expect(openStep(shown, { type: "confirmed", confirmed: false })).toMatchObject({
    step: "shown",
    confirmation: "unconfirmed",
  });
  expect(openStep(shown, { type: "toggled" })).toMatchObject({ step: "shown", hidden: true });
});

test("a halt ends by itself", () => {
  expect(run({ type: "revealed" }, failed("halted"), { type: "recovered" })).toBe(startOpen);
  const offline = run({ type: "revealed" }, failed("offline"));
  expect(openStep(offline, { type: "recovered" })).toBe(offline);
});
