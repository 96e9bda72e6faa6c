import {
  type Bytes,
  CryptoError,
  createOpener,
  deriveKeys,
  encodeBase64url,
  type Keys,
  passphraseSalt,
  randomBytes,
  type SecretMeta,
} from "@mayfly/crypto";
import {
  ENVELOPE_BYTES,
  LEASE_IN_ALL_SECONDS,
  LEASE_SECONDS,
  OPEN_HEADERS,
  type OpenBody,
  PART_BYTES,
  PARTS_MAX,
} from "@mayfly/wire";
import { doneAnswer, readsHeader, timeHeader, wholeHeader } from "./answers.ts";
import { ClientError } from "./client-error.ts";
import type { Connection } from "./connection.ts";
import { codeOf, type LinkLike } from "./link-like.ts";
import { retried, whileLeased } from "./retry.ts";
import type { Sink } from "./sink.ts";
import type { Answer } from "./transport.ts";

const claimBytes = 32;
/** Milliseconds, where the service has not said otherwise: before the first answer it has not. */
const usualLease = LEASE_SECONDS.default * 1000;

/** Where opening is. `fraction` 0 … 1. */
export type OpenProgress = { step: "stretching"; fraction: number } | { step: "receiving"; fraction: number };

/** How to open. */
export interface OpenOptions {
  /** Blanks count. */
  passphrase?: string;
  /**
   * When the service is told that the secret was read, so that it destroys it: "auto", the default, at once and in the
   * background; "manual" when `acknowledge()` is called, for callers that put the secret into a safe place first.
   */
  acknowledge?: "auto" | "manual";
  /** Stops it. The read is taken if the service has answered, but the same opener may open again within its lease. */
  signal?: AbortSignal;
  onProgress?(progress: OpenProgress): void;
}

/** One read that was taken and verified whole. */
export interface Read {
  /** Reads that others still have. */
  readsLeft: number | "unlimited";
  /** When the service destroys what this read was given, should the acknowledgement never reach it; ISO 8601. */
  leaseEnds: string;
  /**
   * Whether the service confirmed that it was told, the first time that it was. Never rejects: the secret is read either
   * way. With "manual" it settles after `acknowledge()`.
   */
  acknowledged: Promise<boolean>;
  /** Tells the service, as often as it is called; true when it confirmed. Never rejects. Of no use after the lease. */
  acknowledge(options?: { signal?: AbortSignal }): Promise<boolean>;
}

/** A secret, verified whole. */
export interface Opened extends Read {
  secret: { meta: SecretMeta; content: Bytes };
}

/**
 * One reader of one secret. Its claim stays the same through every try, so that a lost answer does not cost the secret:
 * to try again, use the same opener, soon.
 */
export interface SecretOpener {
  /** Whether the link says that a passphrase is wanted. */
  readonly hasPassphrase: boolean;
  /**
   * Takes one read and gives the secret. Throws ClientError (`wrong_passphrase` with `attemptsLeft`, `gone` with its
   * state, `damaged`, …), CryptoError for an unusable passphrase, or the signal's reason. Without a passphrase that the
   * link wants (`passphrase_required`), or with one that it does not (`no_passphrase`), nothing is asked of the service.
   */
  open(options?: OpenOptions): Promise<Opened>;
  /**
   * The same for a secret too large to hold: it goes into the sink as it comes, one part at a time, and the service is
   * told after the sink has committed. Throws what the sink throws, too. While the sink is busy the lease runs.
   */
  openInto(sink: Sink, options?: OpenOptions): Promise<Read>;
}

/**
 * Asks nobody anything. Throws CryptoError `link_…` for a text without a whole link, ClientError `wrong_link` for a
 * manage link, CryptoError `no_randomness`.
 */
export function createSecretOpener(connection: Connection, link: LinkLike): SecretOpener {
  const { send, stretch } = connection;
  const code = codeOf(link);
  if (code.kind !== "link") throw new ClientError("wrong_link");
  const id = encodeBase64url(code.id);
  const claim = encodeBase64url(randomBytes(claimBytes));
  let stretched: { passphrase: string | undefined; keys: Keys } | undefined;
  // When the lease ends, by this machine's running clock.
  let leaseEnd = 0;

  function keepLease(answer: Answer): void {
    leaseEnd = performance.now() + leaseLeft(answer);
  }

  const patience = (tries: number) => whileLeased(leaseEnd - performance.now(), tries);

  // The read would be spent, and what it gave could not be opened.
  function checkPassphraseWanted(passphrase: string | undefined): void {
    if (code.hasPassphrase && passphrase === undefined) throw new ClientError("passphrase_required");
    if (!code.hasPassphrase && passphrase !== undefined) throw new ClientError("no_passphrase");
  }

  async function keysFor({ passphrase, signal, onProgress }: OpenOptions): Promise<Keys> {
    if (stretched?.passphrase === passphrase && stretched) return stretched.keys;
    const passwordKey =
      passphrase === undefined
        ? undefined
        : await stretch(passphrase, passphraseSalt(code.secret), {
            onProgress: (fraction) => onProgress?.({ step: "stretching", fraction }),
            ...(signal && { signal }),
          });
    const keys = deriveKeys(code.secret, passwordKey);
    stretched = { passphrase, keys };
    return keys;
  }

  /** Part 0, and what its headers say of the whole. */
  async function first(keys: Keys, signal: AbortSignal | undefined) {
    const json: OpenBody = {
      linkProof: encodeBase64url(keys.linkProof),
      ...(keys.passphraseProof && { passphraseProof: encodeBase64url(keys.passphraseProof) }),
      claim,
    };
    const answer = await send("open", { id, json, signal });
    const said = fromHeaders(answer, () => ({
      bytes: wholeHeader(answer.header(OPEN_HEADERS.bytes), 1, ENVELOPE_BYTES.max),
      parts: wholeHeader(answer.header(OPEN_HEADERS.parts), 1, PARTS_MAX),
      readsLeft: readsHeader(answer.header(OPEN_HEADERS.readsLeft)),
      leaseEnds: timeHeader(answer.header(OPEN_HEADERS.leaseEnds)),
    }));
    keepLease(answer);
    const part = await answer.bytes(Math.min(said.bytes, PART_BYTES.max));
    if (part.length === 0 || Math.ceil(said.bytes / part.length) !== said.parts)
      throw new ClientError("bad_answer");
    return { part, ...said };
  }

  async function further(part: number, length: number, signal: AbortSignal | undefined): Promise<Bytes> {
    const answer = await send("part", { id, part, json: { claim }, signal });
    fromHeaders(answer, () => keepLease(answer));
    const bytes = await answer.bytes(length);
    if (bytes.length !== length) throw new ClientError("bad_answer");
    return bytes;
  }

  function acknowledge(signal?: AbortSignal): Promise<boolean> {
    const call = { id, json: { claim }, keepalive: true, signal };
    return retried(async () => doneAnswer(await send("acknowledge", call)), patience(6), signal).then(
      () => true,
      // Gone is what was asked for.
      (error: unknown) => error instanceof ClientError && error.code === "gone",
    );
  }

  async function openInto(sink: Sink, options: OpenOptions = {}): Promise<Read> {
    const { signal, onProgress, passphrase } = options;
    checkPassphraseWanted(passphrase);
    const keys = await keysFor(options);
    onProgress?.({ step: "receiving", fraction: 0 });
    // Each request with a wrong passphrase costs an attempt, heard or not: sent again once, since the right one costs
    // nothing and may otherwise lose its secret with its lease. After that a person decides.
    const tries = passphrase === undefined ? 4 : 2;
    const start = await retried(() => first(keys, signal), whileLeased(usualLease, tries), signal);
    let begun = false;
    try {
      const opener = verified(() => createOpener(keys, start.bytes));
      const take = async (part: Bytes) => {
        const pieces = verified(() => opener.push(part));
        if (!begun && opener.meta) {
          begun = true;
          await sink.begin?.(opener.meta, opener.contentLength as number);
        }
        for (const piece of pieces) await sink.write(piece);
      };
      await take(start.part);
      for (let part = 1, at = start.part.length; part < start.parts; part++) {
        onProgress?.({ step: "receiving", fraction: at / start.bytes });
        const length = Math.min(start.part.length, start.bytes - at);
        await take(await retried(() => further(part, length, signal), patience(6), signal));
        at += length;
      }
      verified(() => opener.finish());
      signal?.throwIfAborted();
      await sink.commit?.();
    } catch (error) {
      // The first fault is the one to tell.
      if (begun) await (async () => sink.abort?.(error))().catch(() => {});
      throw error;
    }
    let settle: ((told: Promise<boolean>) => void) | undefined;
    const read: Read = {
      readsLeft: start.readsLeft,
      leaseEnds: start.leaseEnds,
      acknowledged: new Promise((resolve) => {
        settle = resolve;
      }),
      acknowledge({ signal } = {}) {
        const told = acknowledge(signal);
        settle?.(told);
        return told;
      },
    };
    if (options.acknowledge !== "manual") read.acknowledge();
    return read;
  }

  return {
    hasPassphrase: code.hasPassphrase,
    openInto,
    async open(options) {
      let secret: Opened["secret"] | undefined;
      let at = 0;
      const read = await openInto(
        {
          begin(meta, length) {
            secret = { meta, content: new Uint8Array(length) };
          },
          write(piece) {
            secret?.content.set(piece, at);
            at += piece.length;
          },
        },
        options,
      );
      return { secret: secret as Opened["secret"], ...read };
    },
  };
}

/** What `read` takes from its headers. Of an answer that has them wrong nothing more is wanted. */
function fromHeaders<T>(answer: Answer, read: () => T): T {
  try {
    return read();
  } catch (error) {
    answer.drop();
    throw error;
  }
}

/** Milliseconds that a lease still has: both times are the service's own, since this machine's clock may be wrong. */
function leaseLeft(answer: Answer): number {
  const ends = Date.parse(timeHeader(answer.header(OPEN_HEADERS.leaseEnds)));
  const left = ends - Date.parse(answer.header("Date") ?? "");
  return Number.isNaN(left) ? usualLease : Math.min(Math.max(left, 0), LEASE_IN_ALL_SECONDS * 1000);
}

/** What `work` gives. What does not verify is not what was sealed. */
function verified<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof CryptoError ? new ClientError("damaged") : error;
  }
}
