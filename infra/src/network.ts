/**
 * Only the client's transport may use the network on the side that holds secrets. The page and the command
 * line call the transport. The linter refuses network modules; this check finds browser globals, which need
 * no import. It reads the sources' text without comments.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = "{apps/{web,cli},packages/{client,crypto,wire}}/src/**/*.{ts,tsx}";

/** The files that may name `fetch`, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  "packages/client/src/transport.ts": "sends",
  "packages/client/src/connection.ts": "hands the platform's to the transport",
  "apps/web/src/environment.ts": "asks whether there is one",
};

const WAYS =
  /\b(?:fetch|XMLHttpRequest|WebSocket|WebSocketStream|WebTransport|EventSource|sendBeacon|RTCPeerConnection)\b/;

/** One sentence for each file that uses the network without permission. */
export function networkFaults(root: string): readonly string[] {
  return globSync(SOURCES, { cwd: root })
    .filter((file) => !(file in ALLOWED))
    .sort()
    .flatMap((file) => {
      const way = WAYS.exec(withoutComments(readFileSync(join(root, file), "utf8")))?.[0];
      if (way === undefined) return [];
      return [`${file}: speaks to the network by ${way}, past the client's transport`];
    });
}

/** Removes comments. Skips strings, so that `"https://…"` does not count as a comment. */
function withoutComments(source: string): string {
  return source.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_all, text: string | undefined) => text ?? " ",
  );
}
