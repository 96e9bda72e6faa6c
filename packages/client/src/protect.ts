import {
  type Bytes,
  checkPassphrase,
  createSealer,
  deriveKeys,
  deriveManageToken,
  encodeBase64url,
  encodeLinkCode,
  passphraseSalt,
  randomBytes,
  verifierOf,
} from "@mayfly/crypto";
import {
  DEPOSIT_SECONDS,
  type DepositedAll,
  type DepositedSome,
  pages,
  type ReserveBody,
} from "@mayfly/wire";
import { depositedAnswer, reservedAnswer } from "./answers.ts";
import { ClientError } from "./client-error.ts";
import type { Connection } from "./connection.ts";
import { envelopeParts } from "./envelope-parts.ts";
import { type RetryPolicy, retried, threeTries, type Waiting } from "./retry.ts";
import type { SecretSource } from "./secret-source.ts";
import { timeLeft } from "./service-clock.ts";

/** The length of a token and of a manage seed. */
const tokenBytes = 32;

/** The two links of a secret. */
export interface Links {
  /** For the recipient: `…/s#CODE`. */
  link: string;
  /** For the sender alone: `…/m#CODE`. */
  manageLink: string;
}

/**
 * The progress of `protect`. `storing`: the links work only after `protect` has returned. `waiting`: a
 * deposit failed and will be retried; `storing` follows when the retry succeeded. `withdrawn`: protecting
 * failed or was stopped; `confirmed` says whether the service confirmed that it destroyed the deposited
 * parts.
 */
export type ProtectProgress =
  | { step: "stretching"; fraction: number }
  | { step: "reserving" }
  | { step: "sealing" }
  | ({ step: "storing"; deposited: number; parts: number } & Links)
  | ({ step: "waiting" } & Waiting)
  | { step: "withdrawn"; confirmed: boolean };

/** Options of `protect`. */
export interface ProtectOptions {
  /** Seconds from the last deposit. `service()` tells the limits. */
  lifetime: number;
  /** The number of reads, 1 to 100, or "unlimited" until the secret expires. */
  reads: number | "unlimited";
  /** An input of the key. White space counts. */
  passphrase?: string;
  /** Stops protecting. The deposited parts are destroyed, and no link works. */
  signal?: AbortSignal;
  onProgress?(progress: ProtectProgress): void;
}

/** A secret that the service now holds. */
export interface Protected extends Links {
  /** ISO 8601, by the service's clock. */
  expiresAt: string;
}

/**
 * Seals a secret on this machine and deposits its envelope part by part. Of streamed content at most one part
 * is held. Throws CryptoError (passphrase, randomness, meta, or `content_length` for another length than
 * announced), ClientError, the signal's reason, or what reading the content throws. Then the reservation is
 * burned if the service can be reached, and no link works.
 */
export async function protect(
  connection: Connection,
  secret: SecretSource,
  options: ProtectOptions,
): Promise<Protected> {
  const { send, stretch, origin } = connection;
  const { meta, content } = secret;
  const { passphrase, signal, onProgress } = options;
  const hasPassphrase = passphrase !== undefined;
  if (hasPassphrase) checkPassphrase(passphrase);

  // The token is made before the reservation, because the reservation carries the verifiers.
  const token = randomBytes(tokenBytes);
  const manageSeed = randomBytes(tokenBytes);
  const manageToken = deriveManageToken(manageSeed);
  const passwordKey = hasPassphrase
    ? await stretch(passphrase, passphraseSalt(token), {
        onProgress: (fraction) => onProgress?.({ step: "stretching", fraction }),
        ...(signal && { signal }),
      })
    : undefined;
  const keys = deriveKeys(token, passwordKey);
  const sealer = createSealer(meta, content.length, keys);
  const bytes = sealer.envelopeLength;

  onProgress?.({ step: "reserving" });
  const reserve: ReserveBody = {
    lifetime: options.lifetime,
    reads: options.reads,
    bytes,
    verifiers: {
      link: encodeBase64url(verifierOf(keys.linkProof)),
      manage: encodeBase64url(verifierOf(manageToken)),
      ...(keys.passphraseProof && { passphrase: encodeBase64url(verifierOf(keys.passphraseProof)) }),
    },
  };
  // Retried although each request may make a reservation: an unused reservation ends within minutes.
  const reserved = await retried(async () => {
    const answer = await send("reserve", { json: reserve, signal });
    const reservation = reservedAnswer(await answer.json(), bytes);
    const left = timeLeft(answer, reservation.depositBy, DEPOSIT_SECONDS * 1000);
    return { ...reservation, left, end: performance.now() + left };
  }, threeTries(signal));

  const bearer = encodeBase64url(manageToken);
  try {
    onProgress?.({ step: "sealing" });
    const id = reserved.idBytes;
    const links: Links = {
      link: `${origin}${pages.open}#${encodeLinkCode({ kind: "link", hasPassphrase, id, secret: token })}`,
      manageLink: `${origin}${pages.manage}#${encodeLinkCode({ kind: "manage", hasPassphrase, id, secret: manageSeed })}`,
    };
    let deposited = 0;
    const storing = () => onProgress?.({ step: "storing", deposited, parts: reserved.parts, ...links });
    const policy: RetryPolicy = {
      end({ code }) {
        // After a halt the service restarts the reservation's time.
        if (code === "halted") reserved.end = performance.now() + reserved.left;
        return reserved.end;
      },
      mayRetry: () => true,
      signal,
      onWaiting: (waiting) => onProgress?.({ step: "waiting", ...waiting }),
      onResumed: storing,
    };
    const expiresAt = await deposit(envelopeParts(sealer, content, reserved.partBytes, signal), {
      parts: reserved.parts,
      again: content instanceof Uint8Array,
      send: (part, bytes) =>
        retried(async () => {
          const answer = await send("deposit", { id: reserved.id, part, bytes, bearer, signal });
          return depositedAnswer(await answer.json(), reserved.parts);
        }, policy),
      onDeposited(count) {
        deposited = count;
        storing();
      },
    });
    return { ...links, expiresAt };
  } catch (error) {
    const confirmed = await send("burn", { id: reserved.id, bearer, keepalive: true }).then(
      ({ status }) => status === 204,
      isNotFound,
    );
    onProgress?.({ step: "withdrawn", confirmed });
    // `not_found`: the reservation ended before all parts were deposited.
    throw isNotFound(error) ? new ClientError("timeout") : error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ClientError && error.code === "not_found";
}

interface Deposit {
  parts: number;
  /** Whether deposited parts are kept, in case the service loses one. */
  again: boolean;
  send(part: number, bytes: Bytes): Promise<DepositedSome | DepositedAll>;
  onDeposited(count: number): void;
}

/** Sends the parts that the service reports missing until the secret is live. Returns its expiry. */
async function deposit(
  sealed: AsyncGenerator<Bytes>,
  { parts, again, send, onDeposited }: Deposit,
): Promise<string> {
  const held: Bytes[] = [];
  let part = 0;
  onDeposited(0);
  try {
    // Bounded, because a faulty service could report the same part missing for ever.
    for (let sent = 0, next = 0; sent < parts * 2; sent++) {
      let bytes = held[part];
      if (part === next) {
        bytes = (await sealed.next()).value as Bytes;
        if (again) held.push(bytes);
        next++;
      }
      // The service lost a confirmed part. Streamed content cannot be sealed again to the same bytes.
      if (!bytes) throw new ClientError("unavailable");
      const answer = await send(part, bytes);
      if (answer.state === "live") {
        onDeposited(parts);
        return answer.expiresAt;
      }
      // Parts are sent in order, so all parts before the first missing one are deposited.
      part = (answer.missing[0] as [number, number])[0];
      onDeposited(part);
    }
    throw new ClientError("bad_answer");
  } finally {
    await sealed.return(undefined);
  }
}
