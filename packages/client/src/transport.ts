import type { Bytes } from "@mayfly/crypto";
import { ENVELOPE_MEDIA_TYPE, JSON_MEDIA_TYPE, type RouteName, routePath, routes } from "@mayfly/wire";
import { problemAnswer } from "./answers.ts";
import { ClientError, type ServiceErrorCode } from "./client-error.ts";
import { joined } from "./pieces.ts";

/** The longest JSON body that is read. */
const jsonBytes = 64 * 1024;
/**
 * Timeout without any bytes, in milliseconds: far below a lease, so that a reader can retry within the lease.
 * An upload has a longer timeout, because `fetch` does not report upload progress.
 */
const longestSilence = 10_000;
const longestUpload = 120_000;
const longestRetryAfter = 24 * 3600;

/** One request. Secret values are in `json`, `bytes` or `bearer`, never in the URL. */
export interface Call {
  id?: string;
  part?: number;
  json?: object;
  bytes?: Bytes;
  bearer?: string;
  signal?: AbortSignal | undefined;
  /** Let the request outlive the page. */
  keepalive?: boolean;
}

/** A successful response. Reading it throws ClientError `offline` or `bad_answer`, or the signal's reason. */
export interface Answer {
  status: number;
  header(name: string): string | null;
  json(): Promise<unknown>;
  /** The body. More than `max` bytes are a `bad_answer`. */
  bytes(max: number): Promise<Bytes>;
  /** Aborts the response. An unread body would keep its connection open, and the process running. */
  drop(): void;
}

/** Sends a request. Throws ClientError for a problem or a network fault, or the signal's reason. */
export type Send = (route: RouteName, call?: Call) => Promise<Answer>;

/** Makes a `Send`. `server` is an origin, or "" for the page's own. */
export function createTransport(server: string, fetch: typeof globalThis.fetch): Send {
  return async (route, call = {}) => {
    const lost = new AbortController();
    const signal = call.signal ? AbortSignal.any([call.signal, lost.signal]) : lost.signal;

    /** Returns the result of `work`, or throws `offline` after `longest` milliseconds. */
    async function heard<T>(longest: number, work: () => Promise<T>): Promise<T> {
      const timer = setTimeout(() => lost.abort(), longest);
      try {
        return await work();
      } catch {
        call.signal?.throwIfAborted();
        throw new ClientError("offline");
      } finally {
        clearTimeout(timer);
      }
    }

    const headers: Record<string, string> = {};
    if (call.json) headers["Content-Type"] = JSON_MEDIA_TYPE;
    if (call.bytes) headers["Content-Type"] = ENVELOPE_MEDIA_TYPE;
    if (call.bearer) headers.Authorization = `Bearer ${call.bearer}`;
    const response = await heard(call.bytes ? longestUpload : longestSilence, () =>
      fetch(server + routePath(route, call), {
        method: routes[route].method,
        headers,
        body: call.json ? JSON.stringify(call.json) : (call.bytes ?? null),
        signal,
        keepalive: call.keepalive ?? false,
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
      }),
    );
    const reader = response.body?.getReader();
    const read = () => heard(longestSilence, async () => reader?.read());
    const answer: Answer = {
      status: response.status,
      header: (name) => response.headers.get(name),
      json: async () => parseJson(await answer.bytes(jsonBytes)),
      async bytes(max) {
        const pieces: Uint8Array[] = [];
        let length = 0;
        for (let next = await read(); next && !next.done; next = await read()) {
          length += next.value.length;
          if (length > max) {
            lost.abort();
            throw new ClientError("bad_answer");
          }
          pieces.push(next.value);
        }
        return joined(pieces);
      },
      drop: () => lost.abort(),
    };
    if (!response.ok) throw await refusal(answer);
    return answer;
  };
}

// A proxy answers without a problem document, but its status still tells the kind of fault.
const codeOfStatus: Partial<Record<number, ServiceErrorCode>> = {
  408: "timeout",
  413: "too_large",
  429: "rate_limited",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

async function refusal(answer: Answer): Promise<ClientError> {
  const body = await answer.json().catch((error: unknown) => {
    if (error instanceof ClientError) return null;
    throw error;
  });
  const { code, details } = problemAnswer(body);
  const retryAfter = answer.header("Retry-After");
  if (retryAfter !== null && /^\d{1,7}$/.test(retryAfter)) {
    details.retryAfter = Math.min(Number(retryAfter), longestRetryAfter);
  }
  return new ClientError(code ?? codeOfStatus[answer.status] ?? "bad_answer", details);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ClientError("bad_answer");
  }
}
