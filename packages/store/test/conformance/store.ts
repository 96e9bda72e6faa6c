/**
 * The sentences of the contract, run over any store. A store's own test file builds a harness and calls `describeStore`.
 */
import { afterEach, beforeEach, describe } from "vitest";
import { describeBurn } from "./burn.ts";
import { describeCapacity } from "./capacity.ts";
import { describeClosed } from "./closed.ts";
import { describeDeposit } from "./deposit.ts";
import { describeExpiry } from "./expiry.ts";
import { describeHalt } from "./halt.ts";
import type { Bench, Ground, Harness } from "./harness.ts";
import { describeHeartbeat } from "./heartbeat.ts";
import { describeLease } from "./lease.ts";
import { describeOpen } from "./open.ts";
import { describePassphrase } from "./passphrase.ts";
import { describeRateLimits } from "./rate-limits.ts";
import { describeReads } from "./reads.ts";
import { describeStatus } from "./status.ts";
import { describeSweep } from "./sweep.ts";

const groups = [
  describeDeposit,
  describeOpen,
  describePassphrase,
  describeLease,
  describeReads,
  describeBurn,
  describeStatus,
  describeExpiry,
  describeSweep,
  describeHalt,
  describeHeartbeat,
  describeRateLimits,
  describeCapacity,
  describeClosed,
];

/** Declares the whole conformance suite for one store. */
export function describeStore(harness: Harness): void {
  describe(`${harness.name} keeps the contract:`, () => {
    let current: Bench | undefined;
    const bench = (): Bench => {
      if (!current) throw new Error("no bench outside of a test");
      return current;
    };
    beforeEach(async () => {
      current = await harness.open();
    });
    afterEach(async () => {
      await current?.close();
      current = undefined;
    });
    const ground: Ground = { harness, bench, store: () => bench().store() };
    for (const group of groups) group(ground);
  });
}
