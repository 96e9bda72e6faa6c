import * as store from "@mayfly/store";
import * as wire from "@mayfly/wire";
import { expect, test } from "vitest";

test("the store keeps the limits that the wire promises: neither imports the other", () => {
  expect(store.PASSPHRASE_ATTEMPTS).toBe(wire.PASSPHRASE_ATTEMPTS);
  expect(store.DEPOSIT_MS).toBe(wire.DEPOSIT_SECONDS * 1000);
  expect(store.LEASE_IN_ALL_MS).toBe(wire.LEASE_IN_ALL_SECONDS * 1000);
});
