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
 * The operations of the protocol. Each is also a function over a {@link Connection}, so that a page bundles
 * only what it needs. A function that takes a link throws CryptoError `link_…` for a malformed one.
 */
export interface Client {
  /** Seals a secret on this machine, deposits it, and returns its links. See {@link protect}. */
  protect(secret: SecretSource, options: ProtectOptions): Promise<Protected>;
  /** Makes an opener for a link, without asking the service. See {@link createSecretOpener}. */
  opener(link: LinkLike): SecretOpener;
  /** Opens at once, for programs that do not retry with the same opener. */
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
  /** By default scrypt runs in this thread, in slices. */
  stretchPassphrase?: StretchPassphrase;
}

/** Makes a client for one service, without asking the service. A trailing slash of the address is ignored. */
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
