import {
  decodeText,
  deriveKeys,
  encodeBase64url,
  encodeText,
  type LinkCode,
  readLink,
  type Secret,
} from "@mayfly/crypto";
import type { Service, Status } from "@mayfly/wire";
import { doneAnswer, serviceAnswer, statusAnswer } from "./answers.ts";
import { ClientError } from "./client-error.ts";
import { createSecretOpener, type Opened, type OpenOptions, type SecretOpener } from "./opener.ts";
import { type Protected, type ProtectOptions, protect } from "./protect.ts";
import { brief, retried } from "./retry.ts";
import { type StretchPassphrase, stretchHere } from "./stretch.ts";
import { createTransport } from "./transport.ts";

export interface ClientSettings {
  /** The service's origin (`https://…`, no slash at the end), or "" for the page's own. */
  server: string;
  /** What stands before `/s#` in links; by default `server`, or the page's origin. */
  linkOrigin?: string;
  fetch?: typeof globalThis.fetch;
  /** By default in this thread; a page hands in a worker. */
  stretchPassphrase?: StretchPassphrase;
}

/** A link as pasted, or its decoded code. */
export type LinkLike = string | LinkCode;

/** The protocol, for one service. Where a link is taken, CryptoError `link_…` tells what is wrong with it. */
export interface Client {
  /** Seals a secret here, deposits it, and answers its links. See {@link protect}. */
  protect(secret: Secret, options: ProtectOptions): Promise<Protected>;
  /** One reader of the secret behind a link; asks nothing of the service yet. */
  opener(link: LinkLike): SecretOpener;
  /** Opens at once: for programs that will not try again. */
  open(link: LinkLike, options?: OpenOptions): Promise<Opened>;
  /** Where a secret is in its life; changes nothing. Takes a link or a manage link. Throws ClientError. */
  status(link: LinkLike, options?: { signal?: AbortSignal }): Promise<Status>;
  /** Destroys a secret, or does nothing when it is gone. Throws ClientError, `wrong_link` unless it is a manage link. */
  burn(manageLink: LinkLike, options?: { signal?: AbortSignal }): Promise<void>;
  /** Whether the service accepts secrets, and its limits. Throws ClientError. */
  service(options?: { signal?: AbortSignal }): Promise<Service>;
}

export function createClient(settings: ClientSettings): Client {
  const { server } = settings;
  const send = createTransport(server, settings.fetch ?? ((input, init) => globalThis.fetch(input, init)));
  const stretch = settings.stretchPassphrase ?? stretchHere;
  const page = globalThis as { location?: { origin: string } };
  const origin = settings.linkOrigin ?? (server || (page.location?.origin ?? ""));

  return {
    protect: (secret, options) => protect(secret, options, { send, stretch, origin }),
    opener: (link) => createSecretOpener(codeOf(link), { send, stretch }),
    open: async (link, options) => createSecretOpener(codeOf(link), { send, stretch }).open(options),

    async status(link, { signal } = {}) {
      const { kind, id, secret } = codeOf(link);
      const shown =
        kind === "manage"
          ? { bearer: encodeBase64url(secret) }
          : { json: { linkProof: encodeBase64url(deriveKeys(secret).linkProof) } };
      return retried(
        async () =>
          statusAnswer(await (await send("status", { id: encodeBase64url(id), ...shown, signal })).json()),
        brief,
        signal,
      );
    },

    async burn(manageLink, { signal } = {}) {
      const { kind, id, secret } = codeOf(manageLink);
      if (kind !== "manage") throw new ClientError("wrong_link");
      const call = { id: encodeBase64url(id), bearer: encodeBase64url(secret), signal };
      await retried(async () => doneAnswer(await send("burn", call)), brief, signal);
    },

    service: async ({ signal } = {}) => serviceAnswer(await (await send("service", { signal })).json()),
  };
}

function codeOf(link: LinkLike): LinkCode {
  return typeof link === "string" ? readLink(link).code : link;
}

/** A secret that is a text. Throws CryptoError "text" for half of a surrogate pair. */
export function textSecret(text: string): Secret {
  return { meta: { kind: "text" }, content: encodeText(text) };
}

/** The text of a secret, or null when it is of another kind. Throws CryptoError "text". */
export function textOf(secret: Secret): string | null {
  return secret.meta.kind === "text" ? decodeText(secret.content) : null;
}
