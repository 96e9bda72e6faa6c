import { describe, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import type { Ground } from "./harness.ts";
import { hash, sample } from "./sample.ts";

export function describeClosed({ store }: Ground): void {
  describe("close", () => {
    test("may be called twice, and every verb afterwards is refused as closed", async () => {
      const secret = sample();
      const closed = store();
      const found = await closed.overdue(await closed.now(), { batch: 1 });
      if (found.outcome !== "verified") throw new Error("something is overdue in a new store");
      const { verification } = found;
      await closed.close();
      await closed.close();
      const sweep = { batch: 1 };
      const removed = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
      const calls = {
        reserve: () => closed.reserve(secret.reservation),
        deposit: () => closed.deposit(secret.deposit(0)),
        open: () => closed.open(secret.opening()),
        part: () => closed.part({ id: secret.id, claim: hash(), part: 0 }),
        acknowledge: () => closed.acknowledge({ id: secret.id, claim: hash() }),
        burn: () => closed.burn(secret.byManage),
        status: () => closed.status(secret.byLink),
        endDue: () => closed.endDue(1),
        now: () => closed.now(),
        sweep: () => closed.sweep(sweep),
        overdue: () => closed.overdue(0, sweep),
        ruleFaults: () => closed.ruleFaults(),
        recordSweep: () => closed.recordSweep({ verification, removed, worker: "w", run: "r" }),
        recordFailedSweep: () => closed.recordFailedSweep({ worker: "w", reason: "failed" }),
        failedSweeps: () => closed.failedSweeps(),
        heartbeat: () => closed.heartbeat(),
        take: () => closed.take([{ bucket: "bucket", windowMs: 1_000, amount: 1 }]),
      };
      for (const [verb, call] of Object.entries(calls)) {
        await expect(call(), verb).rejects.toEqual(new StoreUnavailable("closed"));
      }
    });
  });
}
