import {
  type Bytes,
  checkPassphrase,
  deriveKeys,
  encodeBase64url,
  encodeLinkCode,
  envelopeLength,
  passphraseSalt,
  randomBytes,
  type Secret,
  seal,
  verifierOf,
} from "@mayfly/crypto";
import type { ReserveBody } from "@mayfly/wire";
import { depositedAnswer, reservedAnswer } from "./answers.ts";
import { ClientError } from "./client-error.ts";
import type { Connection } from "./connection.ts";
import { depositing, retried } from "./retry.ts";
import type { Send } from "./transport.ts";

const tokenBytes = 32;

/** The two links of one secret, as a person sends and keeps them. */
export interface Links {
  /** For the recipient: `…/s#CODE`. */
  link: string;
  /** For the sender alone: `…/m#CODE`. */
  manageLink: string;
}

/** Where protecting is. The links are shown while storing, and are good only when `protect` has returned. */
export type ProtectProgress =
  | { step: "stretching"; fraction: number }
  | { step: "reserving" }
  | { step: "sealing" }
  | ({ step: "storing"; deposited: number; parts: number } & Links);

export interface ProtectOptions {
  /** Seconds from the last deposit. */
  lifetime: number;
  /** How many readers, or "unlimited" until the lifetime is over. */
  reads: ReserveBody["reads"];
  /** Mixed into the key; blanks count. */
  passphrase?: string;
  signal?: AbortSignal;
  onProgress?(progress: ProtectProgress): void;
}

/** A secret that the service now holds. */
export interface Protected extends Links {
  /** ISO 8601, by the service's clock. */
  expiresAt: string;
}

/**
 * Seals a secret here and deposits its envelope. Throws CryptoError (passphrase, randomness, meta), ClientError, or the
 * signal's reason; the reservation is then given back as far as the service can be reached, and no link works.
 */
export async function protect(
  { send, stretch, origin }: Connection,
  secret: Secret,
  options: ProtectOptions,
): Promise<Protected> {
  const { passphrase, signal, onProgress } = options;
  const hasPassphrase = passphrase !== undefined;
  if (hasPassphrase) checkPassphrase(passphrase);

  // The reservation carries the verifiers, so the token is made before it (protocol, section 5, has it after).
  const token = randomBytes(tokenBytes);
  const manageToken = randomBytes(tokenBytes);
  const passwordKey = hasPassphrase
    ? await stretch(passphrase, passphraseSalt(token), {
        onProgress: (fraction) => onProgress?.({ step: "stretching", fraction }),
        ...(signal && { signal }),
      })
    : undefined;
  const keys = deriveKeys(token, passwordKey);

  onProgress?.({ step: "reserving" });
  const bytes = envelopeLength(secret.content.length, secret.meta);
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
  const answer = await send("reserve", { json: reserve, signal });
  const reserved = reservedAnswer(await answer.json(), bytes);

  const bearer = encodeBase64url(manageToken);
  try {
    onProgress?.({ step: "sealing" });
    const envelope = seal(secret, keys);
    if (envelope.length !== bytes) throw new ClientError("damaged");
    const id = reserved.idBytes;
    const links: Links = {
      link: `${origin}/s#${encodeLinkCode({ kind: "link", hasPassphrase, id, secret: token })}`,
      manageLink: `${origin}/m#${encodeLinkCode({ kind: "manage", hasPassphrase, id, secret: manageToken })}`,
    };
    const expiresAt = await deposit(envelope, { ...reserved, bearer, send, signal }, (deposited) =>
      onProgress?.({ step: "storing", deposited, parts: reserved.parts, ...links }),
    );
    return { ...links, expiresAt };
  } catch (error) {
    await send("burn", { id: reserved.id, bearer, keepalive: true }).catch(() => {});
    throw error;
  }
}

interface Deposit {
  id: string;
  parts: number;
  partBytes: number;
  bearer: string;
  send: Send;
  signal: AbortSignal | undefined;
}

/** Sends what is missing, as the service tells it, until the secret is live; answers its expiry. */
async function deposit(envelope: Bytes, to: Deposit, onDeposited: (count: number) => void): Promise<string> {
  let missing = Array.from({ length: to.parts }, (_, part) => part);
  onDeposited(0);
  // A service that keeps asking for what it has been given is not asked for ever.
  for (let sent = 0; sent < to.parts * 2; sent++) {
    const part = missing[0] as number;
    const bytes = envelope.subarray(part * to.partBytes, (part + 1) * to.partBytes);
    const deposited = await retried(
      async () => {
        const answer = await to.send("deposit", {
          id: to.id,
          part,
          bytes,
          bearer: to.bearer,
          signal: to.signal,
        });
        return depositedAnswer(await answer.json(), to.parts);
      },
      depositing,
      to.signal,
    );
    if (deposited.state === "live") {
      onDeposited(to.parts);
      return deposited.expiresAt;
    }
    missing = deposited.missing;
    onDeposited(to.parts - missing.length);
  }
  throw new ClientError("bad_answer");
}
