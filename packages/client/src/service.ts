import { serviceAnswer } from "./answers.ts";
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
    /** How many seconds after its end a secret's sealed bytes may still lie in a file of the service; null if nobody can say. */
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
