import type { StretchPassphrase } from "./stretch.ts";
import { createTransport, type Send } from "./transport.ts";

export interface ConnectionSettings {
  /** The service's origin (`https://…`, no slash at the end), or "" for the page's own. */
  server: string;
  /** What stands before `/s#` in links; by default `server`, or the page's origin. */
  linkOrigin?: string;
  fetch?: typeof globalThis.fetch;
  stretchPassphrase: StretchPassphrase;
}

/** One service, and how it is reached. Every verb of the protocol takes one. */
export interface Connection {
  send: Send;
  stretch: StretchPassphrase;
  /** What stands before `/s#` and `/m#`. */
  origin: string;
}

/** Asks nobody anything. */
export function connect(settings: ConnectionSettings): Connection {
  const { server } = settings;
  const page = globalThis as { location?: { origin: string } };
  return {
    send: createTransport(server, settings.fetch ?? ((input, init) => globalThis.fetch(input, init))),
    stretch: settings.stretchPassphrase,
    origin: settings.linkOrigin ?? (server || (page.location?.origin ?? "")),
  };
}
