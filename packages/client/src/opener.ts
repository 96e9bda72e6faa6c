import {
  type Bytes,
  CryptoError,
  createOpener,
  deriveKeys,
  encodeBase64url,
  type Keys,
  type OpenedSecret,
  passphraseSalt,
} from "@mayfly/crypto";
import { ClientError } from "./client-error.ts";
import type { Connection } from "./connection.ts";
import { fieldsOf } from "./fields-secret.ts";
import { Lease } from "./lease.ts";
import { codeOf, type LinkLike } from "./link-like.ts";
import { createReadRequests } from "./read-requests.ts";
import type { RetryPolicy, Waiting } from "./retry.ts";
import type { Sink } from "./sink.ts";
import { textOf } from "./text-secret.ts";

/**
 * The progress of opening. `fraction` is 0 to 1. `waiting`: a request failed and will be retried; the
 * interrupted step follows when a retry succeeded.
 */
export type OpenProgress =
  | { step: "stretching"; fraction: number }
  | { step: "receiving"; fraction: number }
  | ({ step: "waiting" } & Waiting);

/** Options of opening. */
export interface OpenOptions {
  /** White space counts. */
  passphrase?: string;
  /**
   * When to acknowledge the read. The service then destroys the secret, if no reads are left.
   * - "auto" (default): at once, in the background.
   * - "manual": when `acknowledge()` is called. Callers can store the secret safely first.
   */
  acknowledge?: "auto" | "manual";
  /**
   * Stops opening. A read that was taken stays taken, but the same opener may open again within its lease.
   */
  signal?: AbortSignal;
  onProgress?(progress: OpenProgress): void;
}

/** A read that was taken and verified whole. */
export interface Read {
  /** Reads left for others. */
  readsLeft: number | "unlimited";
  /** When the read's lease ends if the acknowledgement never reaches the service; ISO 8601. */
  leaseEnds: string;
  /**
   * Whether the service confirmed the first acknowledgement. Never rejects, because the secret is read either
   * way. With "manual" it settles after `acknowledge()`.
   */
  acknowledged: Promise<boolean>;
  /**
   * Acknowledges the read; true if the service confirmed. Idempotent, never rejects. Useless after the lease.
   */
  acknowledge(options?: { signal?: AbortSignal }): Promise<boolean>;
}

/** A secret, verified whole. */
export interface Opened extends Read {
  secret: OpenedSecret;
  /**
   * True if the kind is "unknown" or the content is malformed: `textOf` or `fieldsOf` would throw. The read
   * is not acknowledged, even with "auto". Offer the content's bytes, and call `acknowledge()` when they are
   * in a safe place.
   */
  unreadable?: true;
}

/**
 * One reader of one secret. Every try uses the same claim, so a lost response does not cost the secret. To
 * retry, use the same opener within the lease.
 */
export interface SecretOpener {
  /** Whether the link says that the secret has a passphrase. */
  readonly hasPassphrase: boolean;
  /**
   * When the lease of this opener's read ends, as last told; ISO 8601 by the service's clock. Null before a
   * response to an open. After a halt the service restarts the lease.
   */
  readonly leaseEnds: string | null;
  /**
   * True if an open got no response: the read may be taken, for this opener alone. The opener may retry.
   */
  readonly unanswered: boolean;
  /**
   * Takes one read and returns the secret. Throws ClientError (`wrong_passphrase` with `attemptsLeft`, `gone`
   * with its state, `damaged`, …), CryptoError for an unusable passphrase, or the signal's reason. Three
   * refusals send nothing: `passphrase_required` and `no_passphrase`, if the link says otherwise; and
   * `wrong_passphrase` without `attemptsLeft`, for another passphrase than the one that took the read.
   */
  open(options?: OpenOptions): Promise<Opened>;
  /**
   * Opens a secret too large to hold: writes it to the sink part by part, and acknowledges after the sink has
   * committed. Also throws what the sink throws. The lease runs while the sink is busy.
   */
  openInto(sink: Sink, options?: OpenOptions): Promise<Read>;
}

/**
 * Makes an opener, without asking the service. Throws CryptoError `link_…` for a text without a whole link,
 * ClientError `wrong_link` for a manage link, CryptoError `no_randomness`.
 */
export function createSecretOpener(connection: Connection, link: LinkLike): SecretOpener {
  const { send, stretch } = connection;
  const code = codeOf(link);
  if (code.kind !== "link") throw new ClientError("wrong_link");
  let stretched: { passphrase: string | undefined; keys: Keys } | undefined;
  const lease = new Lease();
  const requests = createReadRequests(send, encodeBase64url(code.id), lease);

  const whileLeased: RetryPolicy = {
    end: (fault) => lease.endAfter(fault),
    mayRetry: ({ code }) => code !== "halted" || lease.mayRun,
  };

  // Checked first, because an open would take a read whose envelope these keys cannot open.
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

  async function openInto(sink: Sink, options: OpenOptions = {}): Promise<Read> {
    try {
      return await readInto(sink, options);
    } catch (error) {
      // The caller learns whether the read was taken, because the same opener may still get the secret.
      if (error instanceof ClientError) {
        if (lease.ends !== null) Object.assign(error, { leaseEnds: lease.ends });
        else if (lease.isUncertain) Object.assign(error, { unanswered: true });
      }
      throw error;
    }
  }

  async function readInto(sink: Sink, options: OpenOptions): Promise<Read> {
    const { signal, onProgress } = options;
    checkPassphraseWanted(options.passphrase);
    // Another passphrase took the read. The service would answer `gone`, though the lease may still run.
    if (lease.ends !== null && options.passphrase !== stretched?.passphrase)
      throw new ClientError("wrong_passphrase");
    const keys = await keysFor(options);
    let fraction = 0;
    const receiving = () => onProgress?.({ step: "receiving", fraction });
    const policy: RetryPolicy = {
      ...whileLeased,
      signal,
      onWaiting: (waiting) => onProgress?.({ step: "waiting", ...waiting }),
      onResumed: receiving,
    };
    receiving();
    const start = await requests.open(keys, policy);
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
        fraction = at / start.bytes;
        receiving();
        const length = Math.min(start.part.length, start.bytes - at);
        await take(await requests.part(part, length, policy));
        at += length;
      }
      verified(() => opener.finish());
      signal?.throwIfAborted();
      await sink.commit?.();
    } catch (error) {
      // The caller gets the first error, not one of `abort`.
      if (begun) await (async () => sink.abort?.(error))().catch(() => {});
      throw error;
    }
    let settle: ((told: Promise<boolean>) => void) | undefined;
    const read: Read = {
      readsLeft: start.readsLeft,
      leaseEnds: lease.ends as string,
      acknowledged: new Promise((resolve) => {
        settle = resolve;
      }),
      acknowledge({ signal } = {}) {
        const told = requests.acknowledge({ ...whileLeased, signal });
        settle?.(told);
        return told;
      },
    };
    if (options.acknowledge !== "manual") read.acknowledge();
    return read;
  }

  return {
    hasPassphrase: code.hasPassphrase,
    get leaseEnds() {
      return lease.ends;
    },
    get unanswered() {
      return lease.isUncertain;
    },
    openInto,
    async open(options = {}) {
      let secret: OpenedSecret | undefined;
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
        { ...options, acknowledge: "manual" },
      );
      const opened = secret as OpenedSecret;
      const unreadable = !isReadable(opened);
      if (options.acknowledge !== "manual" && !unreadable) read.acknowledge();
      return { secret: opened, ...(unreadable && { unreadable }), ...read };
    },
  };
}

/** Runs `work`, and turns its CryptoError into `damaged`. */
function verified<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    throw new ClientError("damaged");
  }
}

function isReadable(secret: OpenedSecret): boolean {
  if (secret.meta.kind === "unknown") return false;
  try {
    textOf(secret);
    fieldsOf(secret);
    return true;
  } catch {
    return false;
  }
}
