import { type Bytes, encodeBase64url, type Keys, randomBytes } from "@mayfly/crypto";
import {
  ENVELOPE_BYTES,
  OPEN_HEADERS,
  type OpenBody,
  PART_BYTES,
  PARTS_MAX,
  READS,
  UNLIMITED_READS,
} from "@mayfly/wire";
import { demand, doneAnswer, whole } from "./answers.ts";
import { ClientError } from "./client-error.ts";
import { type Lease, mayBeDone } from "./lease.ts";
import { type RetryPolicy, retried } from "./retry.ts";
import { serviceAnswer } from "./service.ts";
import type { Answer, Send } from "./transport.ts";

const claimBytes = 32;

/** Part 0, and the envelope's data from the response headers. */
interface FirstPart {
  part: Bytes;
  bytes: number;
  parts: number;
  readsLeft: number | "unlimited";
}

/** The requests of one reader. Each is retried while the lease lasts. */
interface ReadRequests {
  /** Takes the read, or repeats it. */
  open(keys: Keys, policy: RetryPolicy): Promise<FirstPart>;
  part(part: number, length: number, policy: RetryPolicy): Promise<Bytes>;
  /** Whether the service confirmed it. Never rejects. */
  acknowledge(policy: RetryPolicy): Promise<boolean>;
}

/** Makes the requests, which share one new claim. Throws CryptoError `no_randomness`. */
export function createReadRequests(send: Send, id: string, lease: Lease): ReadRequests {
  const claim = encodeBase64url(randomBytes(claimBytes));

  async function openOnce(keys: Keys, signal: AbortSignal | undefined): Promise<FirstPart> {
    const { isUncertain } = lease;
    lease.isUncertain = lease.ends === null;
    try {
      return await firstPart(keys, signal);
    } catch (error) {
      if (error instanceof ClientError && !mayBeDone(error)) lease.isUncertain = isUncertain;
      throw error;
    }
  }

  async function firstPart(keys: Keys, signal: AbortSignal | undefined): Promise<FirstPart> {
    const json: OpenBody = {
      linkProof: encodeBase64url(keys.linkProof),
      ...(keys.passphraseProof && { passphraseProof: encodeBase64url(keys.passphraseProof) }),
      claim,
    };
    const answer = await send("open", { id, json, signal });
    const said = fromHeaders(answer, () => {
      lease.keep(answer);
      return {
        bytes: wholeHeader(answer.header(OPEN_HEADERS.bytes), 1, ENVELOPE_BYTES.max),
        parts: wholeHeader(answer.header(OPEN_HEADERS.parts), 1, PARTS_MAX),
        readsLeft: readsHeader(answer.header(OPEN_HEADERS.readsLeft)),
      };
    });
    const part = await answer.bytes(Math.min(said.bytes, PART_BYTES.max));
    if (part.length === 0 || Math.ceil(said.bytes / part.length) !== said.parts)
      throw new ClientError("bad_answer");
    return { part, ...said };
  }

  async function partOnce(part: number, length: number, signal: AbortSignal | undefined): Promise<Bytes> {
    const answer = await send("part", { id, part, json: { claim }, signal });
    fromHeaders(answer, () => lease.keep(answer));
    const bytes = await answer.bytes(length);
    if (bytes.length !== length) throw new ClientError("bad_answer");
    return bytes;
  }

  return {
    open(keys, policy) {
      const { signal } = policy;
      lease.begin();
      if (!keys.passphraseProof) return retried(() => openOnce(keys, signal), policy);
      // A wrong passphrase costs an attempt each time, even if the response is lost. A right one costs
      // nothing to retry. So retry once, after the service has answered a request that costs nothing. Then a
      // person decides.
      let counted = 0;
      return retried(
        async () => {
          if (counted > 0) serviceAnswer(await (await send("service", { signal })).json());
          return openOnce(keys, signal).catch((error: unknown) => {
            if (error instanceof ClientError && mayBeDone(error)) counted++;
            throw error;
          });
        },
        { ...policy, mayRetry: (fault) => counted < 2 && policy.mayRetry(fault) },
      );
    },
    part: (part, length, policy) => retried(() => partOnce(part, length, policy.signal), policy),
    acknowledge(policy) {
      const call = { id, json: { claim }, keepalive: true, signal: policy.signal };
      return retried(async () => doneAnswer(await send("acknowledge", call)), policy).then(
        () => true,
        // `gone`: the secret is destroyed, as asked.
        (error: unknown) => error instanceof ClientError && error.code === "gone",
      );
    },
  };
}

/** Returns what `read` takes from the headers. Drops a response with malformed headers. */
function fromHeaders<T>(answer: Answer, read: () => T): T {
  try {
    return read();
  } catch (error) {
    answer.drop();
    throw error;
  }
}

/** The reads left, from a header. */
function readsHeader(value: string | null): number | "unlimited" {
  return value === UNLIMITED_READS ? value : wholeHeader(value, 0, READS.max);
}

/** An integer from a header. */
function wholeHeader(value: string | null, min: number, max?: number): number {
  demand(value !== null && /^\d{1,15}$/.test(value));
  return whole(Number(value), min, max);
}
