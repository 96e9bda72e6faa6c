import { type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { PROBLEM_MEDIA_TYPE, type ProblemCode, problems } from "@mayfly/wire";
import type { FastifyInstance } from "fastify";
import { NO_STORE, securityHeaders } from "../plugins/helmet.ts";
import { closeBehind, refuseBehindClosing } from "./closing.ts";
import { ProblemError, problemDocument } from "./problem.ts";

const codes: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "timeout",
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The requests of each connection that reached a handler, with their answers, in their order: the last, and those before it that wait. */
const exchanges = new WeakMap<Socket, readonly Exchange[]>();

/** More than any browser or proxy sends. Node drops what is beyond its own limit in silence. */
const MOST_HEADERS = 100;

/**
 * Requests of one connection that wait for their responses. Browsers and proxies send one at a time. Node parses all that has arrived,
 * however many requests that are, and keeps their responses until the client reads.
 */
const MOST_WAITING = 16;

/** Node's parser of a connection. It is not documented: without it there is only more work before the connection closes. */
type ParsedSocket = Socket & { readonly parser?: { onIncoming: () => number } | null };

/**
 * Settles, for every connection, that each request has one response, whatever follows it. Its hook must run before any that is
 * asynchronous: it judges a request in the moment that it arrives, when nothing behind it has been parsed.
 */
export function answerOnce(app: FastifyInstance): void {
  // Fastify's own listener. What comes behind too many requests must cost nothing more, so it is not called for that.
  const [serve] = app.server.listeners("request") as RequestListener[];
  app.server.removeAllListeners("request");
  const overfull = new WeakSet<Socket>();
  app.server.on("request", (request, response) => {
    const { socket } = request;
    if (overfull.has(socket)) return;
    const waiting = (exchanges.get(socket) ?? []).filter(isWaiting);
    if (waiting.length >= MOST_WAITING) {
      overfull.add(socket);
      // Node would make a response for everything else that has arrived with it, some thousand requests.
      const { parser } = socket as ParsedSocket;
      if (parser) parser.onIncoming = () => 0;
      // Not at once: the requests before are still asked for their address.
      setImmediate(() => socket.destroy());
      return;
    }
    exchanges.set(socket, [...waiting, { request, response }]);
    serve?.(request, response);
  });
  app.server.on("checkExpectation", refuseExpectation);
  // No proxy: without a listener Node closes such a connection unanswered.
  app.server.on("connect", (_request, socket) => refuseInTurn(socket as Socket));
  app.addHook("onRequest", (request, reply, done) => {
    refuseBehindClosing(request);
    const code = faultOf(request.raw);
    if (code === null) return done();
    reply.headers(securityHeaders).header("connection", "close");
    closeBehind(request.raw.socket);
    done(new ProblemError(code));
  });
}

function faultOf({ headers, rawHeaders }: IncomingMessage): ProblemCode | null {
  // In `rawHeaders` names and values alternate.
  if (rawHeaders.length > 2 * MOST_HEADERS) return "headers_too_large";
  // Node hands on a body whose end cannot be known, and says only then that it is none.
  const encoding = headers["transfer-encoding"];
  return encoding === undefined || encoding.toLowerCase() === "chunked" ? null : "invalid_request";
}

/** Answers what Node could not parse or would not wait for: with our headers, without an echo, and closes. */
export function answerConnectionError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { request, response } = exchanges.get(socket)?.at(-1) ?? {};
  if (response !== undefined && !response.writableFinished && request?.complete) {
    // What cannot be parsed came behind a request that is still being answered: that answer is its own, and the last.
    if (!response.headersSent) response.setHeader("connection", "close");
    response.once("close", () => endConnection(socket, ""));
    return;
  }
  inTurn(socket, () => {
    // Said already: that the connection ends, or to the very request that broke.
    if (response?.headersSent && (!response.shouldKeepAlive || !request?.complete)) endConnection(socket, "");
    else refuse(socket, codes[error.code ?? ""] ?? "invalid_request");
  });
}

/** Does `work` when all that came whole before has its answer: at once where nothing waits. Never where the connection ends meanwhile. */
function inTurn(socket: Socket, work: () => void): void {
  const last = exchanges.get(socket)?.findLast((each) => each.request.complete && isWaiting(each));
  if (last === undefined) work();
  else
    last.response.once("close", () => {
      if (socket.writable) work();
    });
}

function isWaiting({ response }: Exchange): boolean {
  return !response.writableFinished;
}

/** Answers `Expect` with anything but 100-continue, which Node would answer without our headers. */
function refuseExpectation(request: IncomingMessage): void {
  refuseInTurn(request.socket);
}

function refuseInTurn(socket: Socket): void {
  closeBehind(socket);
  inTurn(socket, () => refuse(socket, "invalid_request"));
}

function refuse(socket: Socket, code: ProblemCode): void {
  const { status } = problems[code];
  const body = JSON.stringify(problemDocument(code));
  const headers = Object.entries({
    ...securityHeaders,
    ...NO_STORE,
    "content-type": PROBLEM_MEDIA_TYPE,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  endConnection(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}\r\n${body}`);
}

const LINGER_MS = 2_000;

/**
 * Sends the last bytes of a connection and closes it, even if the client goes on sending. It closes late: the system drops a
 * response when a socket is closed over unread bytes.
 */
function endConnection(socket: Socket, lastBytes: string): void {
  socket.end(lastBytes);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once("close", () => clearTimeout(timer));
}
