import { ClientError } from "@mayfly/client";
import type { Status } from "@mayfly/wire";
import { expect, test } from "vitest";
import {
  canBurn,
  type ManageEvent,
  type ManageState,
  manageStep,
  startManage,
} from "../../src/manage/manage-machine.ts";

const run = (...events: ManageEvent[]) => events.reduce<ManageState>(manageStep, startManage);
const at = "2030-01-01T00:00:00.000Z";
const status = (state: Status["state"]): Status => ({
  state,
  expiresAt: at,
  readsLeft: 1,
  passphrase: false,
  attemptsLeft: null,
});

test("deleting needs two presses, and the first can be taken back", () => {
  expect(run({ type: "burn_started" }).step).toBe("idle");
  expect(run({ type: "burn_wanted" }, { type: "burn_dropped" }).step).toBe("idle");
  expect(run({ type: "burn_wanted" }, { type: "burn_started" }, { type: "burned" })).toEqual({
    step: "idle",
    burned: true,
  });
});

test("a failure keeps what was known, and the next try takes the fault away", () => {
  const known = run({ type: "asked" }, { type: "told", status: status("live"), at });
  const failed = manageStep(known, { type: "failed", error: new ClientError("offline") });
  expect(failed).toMatchObject({ status: { state: "live" }, fault: { code: "offline" } });
  expect(manageStep(failed, { type: "asked" })).not.toHaveProperty("fault");
});

test("deleting is offered while there is something to delete, or nothing is known", () => {
  expect(canBurn(startManage)).toBe(true);
  const after = (state: Status["state"]) =>
    canBurn(run({ type: "asked" }, { type: "told", status: status(state), at }));
  expect((["reserved", "live", "claimed"] as const).every(after)).toBe(true);
  expect((["opened", "expired", "burned", "locked"] as const).some(after)).toBe(false);
});
