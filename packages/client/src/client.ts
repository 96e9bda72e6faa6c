import { burn } from "./burn.ts";
import { type ConnectionSettings, connect } from "./connection.ts";
import type { LinkLike } from "./link-like.ts";
import { createSecretOpener, type Opened, type OpenOptions, type SecretOpener } from "./opener.ts";
import { type Protected, type ProtectOptions, protect } from "./protect.ts";
import type { SecretSource } from "./secret-source.ts";
import { type Service, service } from "./service.ts";
import { type Status, status } from "./status.ts";
import { type StretchPassphrase, stretchHere } from "./stretch.ts";

/**
 * The verbs of the protocol. Each is a function of its own as well, over a {@link Connection}: a page takes only what it
 * needs. Where a link is taken, CryptoError `link_…` tells what is wrong with it.
 */
export interface Client {
  /** Seals a secret here, deposits it, and answers its links. See {@link protect}. */
  protect(secret: SecretSource, options: ProtectOptions): Promise<Protected>;
  /** One reader of the secret behind a link; asks nothing of the service yet. See {@link createSecretOpener}. */
  opener(link: LinkLike): SecretOpener;
  /** Opens at once: for programs that will not try again. */
  open(link: LinkLike, options?: OpenOptions): Promise<Opened>;
  /** See {@link status}. */
  status(link: LinkLike, options?: { signal?: AbortSignal }): Promise<Status>;
  /** See {@link burn}. */
  burn(manageLink: LinkLike, options?: { signal?: AbortSignal }): Promise<void>;
  /** See {@link service}. */
  service(options?: { signal?: AbortSignal }): Promise<Service>;
}

/** How a client reaches its service. */
export interface ClientSettings extends Omit<ConnectionSettings, "stretchPassphrase"> {
  /** By default in this thread, in slices. */
  stretchPassphrase?: StretchPassphrase;
}

/** All of the protocol, for one service. A slash at the end of its address does not count. Asks nobody anything. */
export function createClient(settings: ClientSettings): Client {
  const server = settings.server.replace(/\/$/, "");
  const connection = connect({ stretchPassphrase: stretchHere, ...settings, server });
  return {
    protect: (secret, options) => protect(connection, secret, options),
    opener: (link) => createSecretOpener(connection, link),
    open: async (link, options) => createSecretOpener(connection, link).open(options),
    status: (link, options) => status(connection, link, options),
    burn: (manageLink, options) => burn(connection, manageLink, options),
    service: (options) => service(connection, options),
  };
}
