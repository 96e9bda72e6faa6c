/**
 * Who may speak to the network on the side that holds secrets: the client's transport, and nobody else. Page and command
 * line go through it, so that the protocol is spoken in one place. The linter refuses the modules of the network there; here
 * is what a browser has without any import. Checked in the text of the sources, comments left out.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = "{apps/{web,cli},packages/{client,crypto,wire}}/src/**/*.{ts,tsx}";

/** Files that may name `fetch`, and what for. */
const ALLOWED: Readonly<Record<string, string>> = {
  "packages/client/src/transport.ts": "sends",
  "packages/client/src/connection.ts": "hands the platform's to the transport",
  "apps/web/src/environment.ts": "asks whether there is one",
};

const WAYS =
  /\b(?:fetch|XMLHttpRequest|WebSocket|WebSocketStream|WebTransport|EventSource|sendBeacon|RTCPeerConnection)\b/;

/** One sentence for each file that speaks for itself. */
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

/** Blanks out comments; strings and their quotes stay, so that `"https://…"` is not taken for a comment. */
export function withoutComments(source: string): string {
  return source.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_all, text: string | undefined) => text ?? " ",
  );
}
