import { ENDS } from "../contract/secrets.ts";
import { PASSPHRASE_ATTEMPTS, SANE_MOST } from "../life.ts";

const ATTEMPT_BYTES = 16;

const time = (column: string): string => `${column} BETWEEN 1 AND ${SANE_MOST.time}`;
const optional = (column: string, rule: string): string => `(${column} IS NULL OR ${rule})`;

/**
 * SQL: true for a row of `secrets` that the verbs can have written; false or null for any other. SQLite
 * checks it before a value reaches the driver, which throws for an integer beyond 2^53. No verb sees an
 * invalid row; the sweep removes it.
 */
export const VALID_ROW = `(
  length(id) = 22 AND length(link) = 32 AND length(manage) = 32 AND ${optional("passphrase", "length(passphrase) = 32")}
  AND ${time("expires_at")} AND ${time("due_at")} AND ${optional("opened_at", time("opened_at"))}
  AND CASE WHEN ended_at IS NOT NULL THEN
    state IN (${ENDS.map((end) => `'${end}'`).join(", ")}) AND ${time("ended_at")} AND bytes IS NULL AND reads_left = 0
  ELSE
    bytes BETWEEN 1 AND ${SANE_MOST.bytes} AND part_bytes BETWEEN 1 AND ${SANE_MOST.bytes}
    AND (bytes + part_bytes - 1) / part_bytes <= ${SANE_MOST.parts}
    AND lifetime_ms BETWEEN 1 AND ${SANE_MOST.lifetimeMs} AND lease_ms BETWEEN 0 AND ${SANE_MOST.leaseMs}
    AND ${time("deposit_by")} AND ${optional("reads_left", `reads_left BETWEEN 0 AND ${SANE_MOST.reads}`)}
    AND length(attempts) % ${ATTEMPT_BYTES} = 0 AND length(attempts) < ${PASSPHRASE_ATTEMPTS * ATTEMPT_BYTES}
    AND ${optional("last_read_at", time("last_read_at"))} AND ${optional("lease_until", time("lease_until"))}
    AND CASE state
      WHEN 'reserved' THEN due_at = deposit_by AND expires_at = deposit_by AND opened_at IS NULL
      WHEN 'live' THEN expires_at <= deposit_by + lifetime_ms AND (lease_until IS NULL OR lease_until <= expires_at)
        AND CASE reads_left
          WHEN 0 THEN due_at = lease_until AND opened_at IS NOT NULL AND last_read_at IS NOT NULL
          ELSE due_at = expires_at END
    END
  END)`;

/** SQL: the same for a row of `claims`. */
export const VALID_CLAIM = `(length(claim) = 32 AND bound_at BETWEEN 0 AND ${SANE_MOST.time}
  AND lease_ends BETWEEN 0 AND ${SANE_MOST.time}
  AND (acknowledged_at IS NULL OR acknowledged_at BETWEEN 0 AND ${SANE_MOST.time}))`;
