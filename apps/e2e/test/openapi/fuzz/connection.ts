/** One connection: exactly these bytes, and every answer to them. No HTTP client would send what is sent here. */
import { createConnection } from "node:net";

export interface Answer {
  readonly status: number;
  /** By name in lower case; several of one name are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Heard {
  readonly answers: readonly Answer[];
  /** What came behind the last whole answer: nothing, unless the service was cut off or speaks no HTTP. */
  readonly rest: Buffer;
}

const PATIENCE_MS = 30_000;

/**
 * Sends and listens until the service closes, which it does after an answer to `Connection: close`. With `yieldAfterMs` our side ends
 * when nothing has come for so long: for bytes that may be no whole request. Answers to `HEAD` have no body.
 * Throws when nothing is heard for half a minute.
 */
export function exchange(
  port: number,
  request: Buffer,
  { method, yieldAfterMs }: { readonly method: string; readonly yieldAfterMs?: number },
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true }, () =>
      socket.write(request),
    );
    const patience = setTimeout(() => {
      socket.destroy();
      reject(new Error(`nothing was heard for ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    const giveWay = yieldAfterMs === undefined ? undefined : setTimeout(() => socket.end(), yieldAfterMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => socket.end());
    // Reset: what was answered before counts all the same.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(patience);
      clearTimeout(giveWay);
      resolve(answersIn(Buffer.concat(chunks), method));
    });
  });
}

function answersIn(bytes: Buffer, method: string): Heard {
  const answers: Answer[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return { answers, rest };
    const [statusLine = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    if (Number.isNaN(status)) return { answers, rest };
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [name = "", ...value] = line.split(":");
      const known = headers.get(name.toLowerCase());
      const text = value.join(":").trim();
      headers.set(name.toLowerCase(), known === undefined ? text : `${known}, ${text}`);
    }
    // What cannot be read is refused before it is known to be a HEAD, with a body like everything else.
    const behind = rest.subarray(end + 4, end + 9).toString("latin1");
    const isUnread = status === 400 && behind !== "" && behind !== "HTTP/";
    const bare = (method === "HEAD" && !isUnread) || status === 204 || status === 304 || status < 200;
    const length = bare ? 0 : Number(headers.get("content-length") ?? 0);
    if (rest.length < end + 4 + length) return { answers, rest };
    const body = rest.subarray(end + 4, end + 4 + length);
    // A service that begins to take a body says 100 before it answers.
    if (status >= 200) answers.push({ status, headers, body });
    rest = rest.subarray(end + 4 + length);
  }
}
