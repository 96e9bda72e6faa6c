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
import { brief, type Patience, retried, type Waiting } from "./retry.ts";
import type { SecretSource } from "./secret-source.ts";
import { timeLeft } from "./service-clock.ts";

/** Of a token, and of a manage link's seed. */
const tokenBytes = 32;

/** The two links of one secret, as a person sends and keeps them. */
export interface Links {
  /** For the recipient: `…/s#CODE`. */
  link: string;
  /** For the sender alone: `…/m#CODE`. */
  manageLink: string;
}

/**
 * Where protecting is. The links are shown while storing, and are good only when `protect` has returned. `waiting`: a
 * deposit failed, and is tried again; `storing` is told again when it has succeeded. `withdrawn`: protecting failed or
 * was stopped, and the service was told to destroy what it had; whether it confirmed that.
 */
export type ProtectProgress =
  | { step: "stretching"; fraction: number }
  | { step: "reserving" }
  | { step: "sealing" }
  | ({ step: "storing"; deposited: number; parts: number } & Links)
  | ({ step: "waiting" } & Waiting)
  | { step: "withdrawn"; confirmed: boolean };

/** How to protect. */
export interface ProtectOptions {
  /** Seconds, from the last deposit; `service()` tells which are taken. */
  lifetime: number;
  /** How many readers, 1 … 100, or "unlimited" until the lifetime is over. */
  reads: number | "unlimited";
  /** Mixed into the key; blanks count. */
  passphrase?: string;
  /** Stops it; what was deposited is destroyed, and no link works. */
  signal?: AbortSignal;
  onProgress?(progress: ProtectProgress): void;
}

/** A secret that the service now holds. */
export interface Protected extends Links {
  /** ISO 8601, by the service's clock. */
  expiresAt: string;
}

/**
 * Seals a secret here and deposits its envelope, part by part: of content that is read meanwhile, no more than a part is
 * held. Throws CryptoError (passphrase, randomness, meta; `content_length` for content that is not as long as was said),
 * ClientError, the signal's reason, or what reading the content throws; the reservation is then given back as far as the
 * service can be reached, and no link works.
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

  // The reservation carries the verifiers, so the token is made before it (protocol, section 5, has it after).
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
  // Asked again although each may keep a place: one that nobody uses is gone within minutes.
  const reserved = await retried(async () => {
    const answer = await send("reserve", { json: reserve, signal });
    const reservation = reservedAnswer(await answer.json(), bytes);
    const left = timeLeft(answer, reservation.depositBy, DEPOSIT_SECONDS * 1000);
    return { ...reservation, left, end: performance.now() + left };
  }, brief(signal));

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
    const patience: Patience = {
      end({ code }) {
        // A reservation that a halt cuts off gets its time anew when the service accepts again.
        if (code === "halted") reserved.end = performance.now() + reserved.left;
        return reserved.end;
      },
      passes: () => true,
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
        }, patience),
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
    // The reservation ended before all parts had come.
    throw isNotFound(error) ? new ClientError("timeout") : error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ClientError && error.code === "not_found";
}

interface Deposit {
  parts: number;
  /** Whether deposited parts are held, in case the service loses one. */
  again: boolean;
  send(part: number, bytes: Bytes): Promise<DepositedSome | DepositedAll>;
  onDeposited(count: number): void;
}

/** Sends what is missing, as the service tells it, until the secret is live; answers its expiry. */
async function deposit(
  sealed: AsyncGenerator<Bytes>,
  { parts, again, send, onDeposited }: Deposit,
): Promise<string> {
  const held: Bytes[] = [];
  let part = 0;
  onDeposited(0);
  try {
    // A service that keeps asking for what it has been given is not asked for ever.
    for (let sent = 0, next = 0; sent < parts * 2; sent++) {
      let bytes = held[part];
      if (part === next) {
        bytes = (await sealed.next()).value as Bytes;
        if (again) held.push(bytes);
        next++;
      }
      // Lost by the service after it was confirmed, and sealed anew it would have other bytes.
      if (!bytes) throw new ClientError("unavailable");
      const answer = await send(part, bytes);
      if (answer.state === "live") {
        onDeposited(parts);
        return answer.expiresAt;
      }
      // The first that is missing is sent first, so all before it are there.
      part = (answer.missing[0] as [number, number])[0];
      onDeposited(part);
    }
    throw new ClientError("bad_answer");
  } finally {
    await sealed.return(undefined);
  }
}
