import { SERVICE_STATES } from "@mayfly/wire";
import { demand, fieldsOf, isOneOf, longestSentence, time, timeOrNull, whole } from "./answers.ts";
import type { Connection } from "./connection.ts";

/** What a service says of itself. Times are ISO 8601, sizes bytes. */
export interface Service {
  /** `halted`: its clean-up is overdue, and only what destroys still works. */
  state: "accepting" | "halted";
  /** Since when it has been in this state. */
  since: string;
  version: string;
  /** What its operator allows. */
  limits: {
    /** `default` is what a page offers first. */
    lifetimeSeconds: { min: number; default: number; max: number };
    /** The most reads, where they are counted. */
    readsMax: number;
    /** The largest envelope: a secret, sealed and padded by up to an eighth. */
    envelopeBytes: number;
    /** Every part of an envelope but the last. */
    partBytes: number;
    /** How long an opener may repeat its read before it acknowledges. */
    leaseSeconds: number;
    /** The wrong passphrase that destroys. */
    passphraseAttempts: number;
  };
  maintenance: {
    /** The start of the last complete clean-up; null if none is known. */
    lastSweepAt: string | null;
    /** When the service halts unless another has completed; null if none is known. */
    nextSweepBy: string | null;
    /**
     * How many seconds after its end a secret's sealed bytes may still lie in a file of the service; null if
     * nobody can say.
     */
    erasedWithinSeconds: number | null;
  };
}

/** Whether the service accepts secrets, and its limits. Throws ClientError. */
export async function service(
  connection: Connection,
  options: { signal?: AbortSignal } = {},
): Promise<Service> {
  return serviceAnswer(await (await connection.send("service", options)).json());
}

/** A service's answer, checked. Throws ClientError `bad_answer`. */
export function serviceAnswer(answer: unknown): Service {
  const { state, since, version, ...rest } = fieldsOf(answer);
  const limits = fieldsOf(rest.limits);
  const lifetime = fieldsOf(limits.lifetimeSeconds);
  const maintenance = fieldsOf(rest.maintenance);
  demand(isOneOf(SERVICE_STATES, state) && typeof version === "string");
  return {
    state,
    since: time(since),
    version: version.slice(0, longestSentence),
    limits: {
      lifetimeSeconds: {
        min: whole(lifetime.min, 1),
        default: whole(lifetime.default, 1),
        max: whole(lifetime.max, 1),
      },
      readsMax: whole(limits.readsMax, 1),
      envelopeBytes: whole(limits.envelopeBytes, 1),
      partBytes: whole(limits.partBytes, 1),
      leaseSeconds: whole(limits.leaseSeconds, 0),
      passphraseAttempts: whole(limits.passphraseAttempts, 1),
    },
    maintenance: {
      lastSweepAt: timeOrNull(maintenance.lastSweepAt),
      nextSweepBy: timeOrNull(maintenance.nextSweepBy),
      erasedWithinSeconds:
        maintenance.erasedWithinSeconds === null ? null : whole(maintenance.erasedWithinSeconds, 0),
    },
  };
}
