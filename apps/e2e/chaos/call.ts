/** One HTTP request, and what its caller saw of the answer. A connection each and no retries, so that one try is one event. */
import { createHash } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import {
  OPEN_HEADERS,
  PROBLEM_MEDIA_TYPE,
  type Problem,
  type RouteName,
  routePath,
  routes,
} from "@mayfly/wire";
import type { Outcome } from "./history.ts";

const PATIENCE_MS = 6_000;

export interface Asking {
  readonly origin: string;
  readonly id?: string;
  readonly part?: number;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly bearer?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** False: the connection ended before the body did. */
  readonly whole: boolean;
}

/** Null with the reason when not even a head came. Never throws. */
export function ask(route: RouteName, asking: Asking): Promise<Answer | { readonly why: string }> {
  const { origin, id, part, json, bytes, bearer } = asking;
  const body = bytes ?? (json === undefined ? null : Buffer.from(JSON.stringify(json)));
  const path = routePath(route, { ...(id !== undefined && { id }), ...(part !== undefined && { part }) });
  return new Promise((resolve) => {
    const sent = request(
      origin + path,
      {
        method: routes[route].method,
        agent: false,
        headers: {
          ...(body !== null && {
            "content-type": bytes ? "application/octet-stream" : "application/json",
            "content-length": body.byteLength,
          }),
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        const end = (whole: boolean) =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
            whole,
          });
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => end(incoming.complete));
        incoming.on("error", () => end(false));
        incoming.on("close", () => end(incoming.complete));
      },
    );
    sent.on("error", (error: NodeJS.ErrnoException) => resolve({ why: error.code ?? error.name }));
    sent.end(body ?? undefined);
  });
}

/** What an answer means; `whole` gives the meaning of one that succeeded. */
export function outcomeOf(
  answer: Answer | { readonly why: string },
  success: (answer: Answer) => Outcome,
): Outcome {
  if ("why" in answer) return { is: "none", why: answer.why };
  const { status, headers, body, whole } = answer;
  if (status >= 200 && status < 300) {
    if (!whole)
      return headers["content-type"] === "application/octet-stream"
        ? { is: "cut" }
        : { is: "none", why: "cut" };
    try {
      return success(answer);
    } catch {
      return { is: "strange", status, why: "a success that cannot be understood" };
    }
  }
  if (!whole) return { is: "none", why: "cut" };
  if (headers["content-type"] !== PROBLEM_MEDIA_TYPE)
    return { is: "strange", status, why: "no problem document" };
  const problem = JSON.parse(body.toString()) as Problem;
  return {
    is: "problem",
    status,
    code: problem.code,
    ...(problem.state !== undefined && { state: problem.state }),
    ...(problem.attemptsLeft !== undefined && { attemptsLeft: problem.attemptsLeft }),
  };
}

export function bytesOutcome({ headers, body }: Answer): Outcome {
  const left = headers[OPEN_HEADERS.readsLeft.toLowerCase()];
  return {
    is: "bytes",
    hash: hashOf(body),
    readsLeft: left === undefined ? null : left === "unlimited" ? left : Number(left),
    leaseEnds: Date.parse(String(headers[OPEN_HEADERS.leaseEnds.toLowerCase()])),
  };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
