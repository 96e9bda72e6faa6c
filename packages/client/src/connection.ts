import type { StretchPassphrase } from "./stretch.ts";
import { createTransport, type Send } from "./transport.ts";

/** How a service is reached. */
export interface ConnectionSettings {
  /** The service's origin (`https://…`, no slash at the end), or "" for the page's own. */
  server: string;
  /** What stands before `/s#` in links; by default `server`, or the page's origin. */
  linkOrigin?: string;
  /** By default the platform's. */
  fetch?: typeof globalThis.fetch;
  /** See {@link StretchPassphrase}. */
  stretchPassphrase: StretchPassphrase;
}

/** One service, and how it is reached: made by {@link connect}. Every verb of the protocol takes one. */
export interface Connection {
  /** @internal */
  send: Send;
  /** @internal */
  stretch: StretchPassphrase;
  /** What stands before `/s#` and `/m#`. */
  origin: string;
}

/** A connection for the verbs as functions of their own. Asks nobody anything. */
export function connect(settings: ConnectionSettings): Connection {
  const { server } = settings;
  const page = globalThis as { location?: { origin: string } };
  return {
    send: createTransport(server, settings.fetch ?? ((input, init) => globalThis.fetch(input, init))),
    stretch: settings.stretchPassphrase,
    origin: settings.linkOrigin ?? (server || (page.location?.origin ?? "")),
  };
}
