/**
 * Who may speak to the network on the side that holds secrets: the client's transport, and nobody else. Page and command
 * line go through it, so that the protocol is spoken in one place. Checked in the text of their sources, comments left out.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { importsOf, withoutComments } from "./imports.ts";

const SOURCES = "{apps/{web,cli},packages/{client,crypto,wire}}/src/**/*.{ts,tsx}";

/** Files that may name `fetch`, and what for. */
const ALLOWED: Readonly<Record<string, string>> = {
  "packages/client/src/transport.ts": "sends",
  "packages/client/src/connection.ts": "hands the platform's to the transport",
  "apps/web/src/environment.ts": "asks whether there is one",
};

const WAYS =
  /\b(?:fetch|XMLHttpRequest|WebSocket|WebSocketStream|WebTransport|EventSource|sendBeacon|RTCPeerConnection)\b/;
const MODULES =
  /^(?:node:)?(?:http|https|http2|net|tls|dgram|dns)(?:\/|$)|^(?:undici|axios|got|ky|ws|node-fetch)$/;

/** One sentence for each file that speaks for itself. */
export function networkFaults(root: string): readonly string[] {
  return globSync(SOURCES, { cwd: root })
    .sort()
    .flatMap((file) => {
      const source = readFileSync(join(root, file), "utf8");
      const modules = importsOf(source).filter((specifier) => MODULES.test(specifier));
      const way = file in ALLOWED ? undefined : WAYS.exec(withoutComments(source))?.[0];
      return [...modules, ...(way === undefined ? [] : [way])].map(
        (name) => `${file}: speaks to the network by ${name}, past the client's transport`,
      );
    });
}
