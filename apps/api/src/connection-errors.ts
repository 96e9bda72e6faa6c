import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { PROBLEM_MEDIA_TYPE, type ProblemCode, problems } from "@mayfly/wire";
import { endConnection } from "./connections.ts";
import { frozenHeaders, NO_STORE } from "./headers.ts";
import { problemDocument } from "./problem.ts";

const codes: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "timeout",
};

/** Answers what Node could not parse or would not wait for: with our headers, without an echo, and closes. */
export function answerConnectionError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  refuse(socket, codes[error.code ?? ""] ?? "invalid_request");
}

/** Answers `Expect` with anything but 100-continue, which Node would answer without our headers. */
export function refuseExpectation(request: IncomingMessage): void {
  refuse(request.socket, "invalid_request");
}

function refuse(socket: Socket, code: ProblemCode): void {
  const { status } = problems[code];
  const body = JSON.stringify(problemDocument(code));
  const headers = Object.entries({
    ...frozenHeaders,
    ...NO_STORE,
    "content-type": PROBLEM_MEDIA_TYPE,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  endConnection(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}\r\n${body}`);
}
