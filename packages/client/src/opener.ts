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
import type { Patience, Waiting } from "./retry.ts";
import type { Sink } from "./sink.ts";
import { textOf } from "./text-secret.ts";

/**
 * Where opening is. `fraction` 0 … 1. `waiting`: a try failed, and another follows; the step that it interrupted is told
 * again when one has succeeded.
 */
export type OpenProgress =
  | { step: "stretching"; fraction: number }
  | { step: "receiving"; fraction: number }
  | ({ step: "waiting" } & Waiting);

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
  secret: OpenedSecret;
  /**
   * Present when the kind is "unknown", or the content is not of its kind's form: `textOf` or `fieldsOf` would throw. The
   * service has not been told of the read, whatever `acknowledge` said. Offer the content's bytes, and call `acknowledge()` when they are in a safe
   * place.
   */
  unreadable?: true;
}

/**
 * One reader of one secret. Its claim stays the same through every try, so that a lost answer does not cost the secret:
 * to try again, use the same opener, soon.
 */
export interface SecretOpener {
  /** Whether the link says that a passphrase is wanted. */
  readonly hasPassphrase: boolean;
  /**
   * Until when the service keeps the read for this opener, as last told; ISO 8601 by the service's clock. Null while no
   * answer of an open has come. A service that halts gives the lease its time anew when it accepts again.
   */
  readonly leaseEnds: string | null;
  /**
   * True when an open was sent and no answer said what became of it: the read may be taken, for this opener alone. It
   * may try again.
   */
  readonly unanswered: boolean;
  /**
   * Takes one read and gives the secret. Throws ClientError (`wrong_passphrase` with `attemptsLeft`, `gone` with its
   * state, `damaged`, …), CryptoError for an unusable passphrase, or the signal's reason. Without a passphrase that the
   * link wants (`passphrase_required`), or with one that it does not (`no_passphrase`), nothing is asked of the service.
   * Nor with another passphrase than the one that took the read: `wrong_passphrase` without `attemptsLeft`.
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
  let stretched: { passphrase: string | undefined; keys: Keys } | undefined;
  const lease = new Lease();
  const requests = createReadRequests(send, encodeBase64url(code.id), lease);

  const whileLeased: Patience = {
    end: (fault) => lease.endAfter(fault),
    passes: ({ code }) => code !== "halted" || lease.mayRun,
  };

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

  async function openInto(sink: Sink, options: OpenOptions = {}): Promise<Read> {
    try {
      return await readInto(sink, options);
    } catch (error) {
      // What is known of the read goes with every error of ours: it may be lost, or still be had.
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
    // The service has taken another one. It would answer that the secret is gone, though the lease may still run.
    if (lease.ends !== null && options.passphrase !== stretched?.passphrase)
      throw new ClientError("wrong_passphrase");
    const keys = await keysFor(options);
    let fraction = 0;
    const receiving = () => onProgress?.({ step: "receiving", fraction });
    const patience: Patience = {
      ...whileLeased,
      signal,
      onWaiting: (waiting) => onProgress?.({ step: "waiting", ...waiting }),
      onResumed: receiving,
    };
    receiving();
    const start = await requests.open(keys, patience);
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
        await take(await requests.part(part, length, patience));
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

/** What `work` gives. What does not verify is not what was sealed. */
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
