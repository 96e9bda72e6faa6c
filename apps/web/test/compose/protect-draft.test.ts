import { ClientError, connect, protect } from "@mayfly/client";
import { expect, test } from "vitest";
import type { ComposeEvent, Draft } from "../../src/compose/compose-machine.ts";
import { faultOfDraft, protectDraft } from "../../src/compose/protect-draft.ts";

const message = (text: string) => ({ kind: "message" as const, text });
const draft = (change: Partial<Draft>): Draft => ({
  content: message("x"),
  reads: 1,
  passphrase: "",
  ...change,
});
const limits = {
  lifetimeSeconds: { min: 300, default: 3600, max: 86_400 },
  readsMax: 100,
  envelopeBytes: 1000,
  partBytes: 1e6,
  leaseSeconds: 60,
  passphraseAttempts: 10,
};
// Nothing listens on the discard port of this machine.
const connection = connect({
  server: "http://127.0.0.1:9",
  stretchPassphrase: () => expect.unreachable("there is no passphrase"),
});

test("a draft that can be sent has no fault; blanks are a message, and a passphrase", () => {
  expect(faultOfDraft(draft({}), limits)).toBeNull();
  expect(faultOfDraft(draft({ content: message(" "), passphrase: " " }), undefined)).toBeNull();
});

test("what cannot be sealed is told before anything is sent", async () => {
  expect(faultOfDraft(draft({ content: message("") }), limits)).toEqual({ code: "empty" });
  expect(faultOfDraft(draft({ content: message("\ud800") }), limits)).toEqual({ code: "text" });
  expect(faultOfDraft(draft({ passphrase: "\ud800" }), limits)).toEqual({ code: "passphrase_malformed" });
  const told: ComposeEvent[] = [];
  await protectDraft(draft({ content: message("") }), {
    connection,
    limits,
    ready: async () => protect,
    tell: (event) => told.push(event),
  });
  expect(told).toEqual([{ type: "refused", fault: { code: "empty" } }]);
});

test("a message over the limit is told with both numbers", () => {
  expect(faultOfDraft(draft({ content: message("é".repeat(1000)) }), limits)).toEqual({
    code: "over_limit",
    bytes: 2000,
    limit: 1000,
  });
});

test("nothing is asked of the service before the page can show a link", async () => {
  const told: ComposeEvent[] = [];
  const ready = async () => {
    throw new ClientError("offline");
  };
  await protectDraft(draft({}), { connection, limits, ready, tell: (event) => told.push(event) });
  expect(told.map(({ type }) => type)).toEqual(["started", "failed"]);
});

test("a service that is not there fails the try and nothing else", async () => {
  const told: ComposeEvent[] = [];
  await protectDraft(draft({}), {
    connection,
    limits,
    ready: async () => protect,
    tell: (event) => told.push(event),
  });
  expect(told.at(-1)).toMatchObject({ type: "failed", error: { code: "offline" } });
});
