import { ClientError, type Protected } from "@mayfly/client";
import { expect, test } from "vitest";
import {
  type ComposeEvent,
  type ComposeState,
  composeStep,
  type Draft,
  isLosingDraft,
  lifetimeOf,
  linksOf,
  startCompose,
} from "../../src/compose/compose-machine.ts";

const run = (...events: ComposeEvent[]) => events.reduce<ComposeState>(composeStep, startCompose);
const typed: ComposeEvent = {
  type: "edited",
  change: { content: { kind: "message", text: "hunter2" }, passphrase: "p", reads: 5 },
};
const links = { link: "https://x/s#A", manageLink: "https://x/m#B" };
const made: Protected = { ...links, expiresAt: "2030-01-01T00:00:00.000Z" };

test("typing changes the draft and takes an old fault away", () => {
  const state = run({ type: "refused", fault: { code: "empty" } }, typed);
  expect(state).toEqual({
    step: "editing",
    draft: { content: { kind: "message", text: "hunter2" }, passphrase: "p", reads: 5 },
  });
});

test("a failed protect keeps the message", () => {
  const state = run(typed, { type: "started" }, { type: "failed", error: new ClientError("offline") });
  expect(state).toMatchObject({
    step: "editing",
    draft: { content: { text: "hunter2" } },
    fault: { code: "offline" },
  });
});

test("the link is known while it is stored, and gone when storing fails", () => {
  const storing: ComposeEvent = {
    type: "progressed",
    progress: { step: "storing", deposited: 0, parts: 1, ...links },
  };
  const working = run(typed, { type: "started" }, storing);
  expect(linksOf(working)).toMatchObject(links);
  expect(
    linksOf(composeStep(working, { type: "failed", error: new ClientError("unavailable") })),
  ).toBeUndefined();
});

test("once the link works the message and a typed passphrase are forgotten", () => {
  const state = run(typed, { type: "started" }, { type: "protected", made });
  expect(state).toEqual({ step: "ready", made, reads: 5, passphrase: { kind: "typed" } });
  expect(JSON.stringify(state)).not.toContain("hunter2");
  expect(composeStep(state, { type: "restarted" })).toBe(startCompose);
});

test("a suggested passphrase is still known beside the link, unless it was changed", () => {
  const done = (change: Partial<Draft>) =>
    run(
      typed,
      { type: "edited", change: { passphrase: "babab", suggested: "babab" } },
      { type: "edited", change },
      { type: "started" },
      { type: "protected", made },
    );
  expect(done({})).toMatchObject({ passphrase: { kind: "suggested", passphrase: "babab" } });
  expect(done({ passphrase: "babab!" })).toMatchObject({ passphrase: { kind: "typed" } });
  expect(done({ passphrase: "" })).toMatchObject({ passphrase: { kind: "none" } });
});

test("leaving loses what is typed and what is on its way, and nothing else", () => {
  expect(isLosingDraft(startCompose)).toBe(false);
  expect(isLosingDraft(run(typed))).toBe(true);
  const working = run(typed, { type: "started" });
  expect(isLosingDraft(working)).toBe(true);
  expect(isLosingDraft(composeStep(working, { type: "protected", made }))).toBe(false);
});

test("nothing is typed or started again while working, and nothing late changes a finished page", () => {
  const working = run(typed, { type: "started" });
  expect(composeStep(working, { type: "edited", change: { content: { kind: "message", text: "" } } })).toBe(
    working,
  );
  expect(composeStep(working, { type: "started" })).toBe(working);
  const done = composeStep(working, { type: "protected", made });
  expect(composeStep(done, { type: "failed", error: new Error("late") })).toBe(done);
});

test("a halt ends by itself; other faults stay until something is done", () => {
  const halted = run(typed, { type: "refused", fault: { code: "halted" } });
  expect(composeStep(halted, { type: "recovered" })).not.toHaveProperty("fault");
  const empty = run({ type: "refused", fault: { code: "empty" } });
  expect(composeStep(empty, { type: "recovered" })).toBe(empty);
});

test("a lifetime that the service does not offer is not used", () => {
  const limits = {
    lifetimeSeconds: { min: 300, default: 3600, max: 86_400 },
    readsMax: 100,
    envelopeBytes: 1e6,
    partBytes: 1e6,
    leaseSeconds: 60,
    passphraseAttempts: 10,
  };
  const draft = { content: { kind: "message" as const, text: "" }, reads: 1, passphrase: "" };
  expect(lifetimeOf({ ...draft, lifetime: 300 }, limits)).toBe(300);
  expect(lifetimeOf({ ...draft, lifetime: 604_800 }, limits)).toBe(3600);
  expect(lifetimeOf(draft, undefined)).toBe(86_400);
});
