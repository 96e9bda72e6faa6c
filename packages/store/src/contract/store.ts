import type { Maintenance } from "./maintenance.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Secrets } from "./secrets.ts";

/** An opened store. A program passes on only the interface that the receiver needs. */
export interface Store extends Secrets, Maintenance, RateLimits {
  /** True sentences that the operator should read at the start: what stays on disk or in logs. No addresses, no secrets. */
  readonly facts: readonly string[];

  /** True sentences that the operator should act on. No addresses, no secrets. */
  readonly warnings: readonly string[];

  close(): Promise<void>;
}
