import * as store from "@mayfly/store";
import * as wire from "@mayfly/wire";
import { expect, test } from "vitest";

test("the store keeps the limits that the wire promises: neither imports the other", () => {
  expect(store.PASSPHRASE_ATTEMPTS).toBe(wire.PASSPHRASE_ATTEMPTS);
  expect(store.RUNNING_CLAIMS).toBe(wire.RUNNING_LEASES_MAX);
  for (const seconds of [0, 1, 4_000]) {
    const bytes = seconds * wire.SLOWEST_BYTES_PER_SECOND;
    expect(store.depositMs(bytes)).toBe((wire.DEPOSIT_SECONDS + seconds) * 1000);
    expect(store.leaseInAllMs(bytes)).toBe((wire.LEASE_IN_ALL_SECONDS + seconds) * 1000);
  }
});
