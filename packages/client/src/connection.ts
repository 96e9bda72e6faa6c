import type { StretchPassphrase } from "./stretch.ts";
import { createTransport, type Send } from "./transport.ts";

/** How a service is reached. */
export interface ConnectionSettings {
  /** The service's origin (`https://…`, no slash at the end), or "" for the page's own. */
  server: string;
  /** The origin of links; by default `server`, or the page's origin. */
  linkOrigin?: string;
  /** By default the platform's. */
  fetch?: typeof globalThis.fetch;
  /** See {@link StretchPassphrase}. */
  stretchPassphrase: StretchPassphrase;
}

/** A connection to one service, made by {@link connect}. Every operation of the protocol takes one. */
export interface Connection {
  /** @internal */
  send: Send;
  /** @internal */
  stretch: StretchPassphrase;
  /** The origin of links. */
  origin: string;
}

/** Makes a connection for the operations as functions, without asking the service. */
export function connect(settings: ConnectionSettings): Connection {
  const { server } = settings;
  const page = globalThis as { location?: { origin: string } };
  return {
    send: createTransport(server, settings.fetch ?? ((input, init) => globalThis.fetch(input, init))),
    stretch: settings.stretchPassphrase,
    origin: settings.linkOrigin ?? (server || (page.location?.origin ?? "")),
  };
}
