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
import type { ReserveBody } from "@mayfly/wire";
import { depositedAnswer, reservedAnswer } from "./answers.ts";
import { ClientError } from "./client-error.ts";
import type { Connection } from "./connection.ts";
import { envelopeParts } from "./envelope-parts.ts";
import { brief, depositing, retried } from "./retry.ts";
import type { SecretSource } from "./secret-source.ts";
import type { Send } from "./transport.ts";

/** Of a token, and of a manage link's seed. */
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
  const reserved = await retried(
    async () => reservedAnswer(await (await send("reserve", { json: reserve, signal })).json(), bytes),
    brief,
    signal,
  );

  const bearer = encodeBase64url(manageToken);
  try {
    onProgress?.({ step: "sealing" });
    const id = reserved.idBytes;
    const links: Links = {
      link: `${origin}/s#${encodeLinkCode({ kind: "link", hasPassphrase, id, secret: token })}`,
      manageLink: `${origin}/m#${encodeLinkCode({ kind: "manage", hasPassphrase, id, secret: manageSeed })}`,
    };
    const parts = envelopeParts(sealer, content, reserved.partBytes, signal);
    const again = content instanceof Uint8Array;
    const expiresAt = await deposit(parts, { ...reserved, again, bearer, send, signal }, (deposited) =>
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
  /** Whether deposited parts are held, in case the service loses one. */
  again: boolean;
  bearer: string;
  send: Send;
  signal: AbortSignal | undefined;
}

/** Sends what is missing, as the service tells it, until the secret is live; answers its expiry. */
async function deposit(
  sealed: AsyncGenerator<Bytes>,
  to: Deposit,
  onDeposited: (count: number) => void,
): Promise<string> {
  const held: Bytes[] = [];
  let part = 0;
  onDeposited(0);
  try {
    // A service that keeps asking for what it has been given is not asked for ever.
    for (let sent = 0, next = 0; sent < to.parts * 2; sent++) {
      let bytes = held[part];
      if (part === next) {
        bytes = (await sealed.next()).value as Bytes;
        if (to.again) held.push(bytes);
        next++;
      }
      // Lost by the service after it was confirmed, and sealed anew it would have other bytes.
      if (!bytes) throw new ClientError("unavailable");
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
      part = Math.min(...deposited.missing);
      onDeposited(to.parts - deposited.missing.length);
    }
    throw new ClientError("bad_answer");
  } finally {
    await sealed.return(undefined);
  }
}
