import type { Bytes } from "@mayfly/crypto";
import { ENVELOPE_MEDIA_TYPE, JSON_MEDIA_TYPE, type RouteName, routePath, routes } from "@mayfly/wire";
import { problemAnswer } from "./answers.ts";
import { ClientError, type ServiceErrorCode } from "./client-error.ts";
import { joined } from "./pieces.ts";

/** Longest JSON that is read of any answer. */
const jsonBytes = 64 * 1024;
/**
 * How long a silence may last before an answer counts as lost, in milliseconds: far below a lease, so that a reader whose
 * answer was lost without a word has time to ask again. An upload has longer: `fetch` does not tell how far a body has
 * come.
 */
const longestSilence = 10_000;
const longestUpload = 120_000;
const longestRetryAfter = 24 * 3600;

/** One request. Whatever is secret stands in `json`, `bytes` or `bearer`, never in the address. */
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

/** An answer that was not a refusal. Reading it throws ClientError `offline` or `bad_answer`, or the signal's reason. */
export interface Answer {
  status: number;
  header(name: string): string | null;
  json(): Promise<unknown>;
  /** The body, at most `max` bytes of it; more is a `bad_answer`. */
  bytes(max: number): Promise<Bytes>;
  /** Ends it, read or not: a body that nobody reads would keep its connection, and a process, for as long as it likes. */
  drop(): void;
}

/** Sends to the service. Throws ClientError for a refusal or a network fault, or the signal's reason. */
export type Send = (route: RouteName, call?: Call) => Promise<Answer>;

/** `server` is an origin, or "" for the page's own. */
export function createTransport(server: string, fetch: typeof globalThis.fetch): Send {
  return async (route, call = {}) => {
    const lost = new AbortController();
    const signal = call.signal ? AbortSignal.any([call.signal, lost.signal]) : lost.signal;

    /** What `work` gives, unless the line stays silent for `longest`. */
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

// A proxy in between answers without a problem document: its status still says what kind of fault it is.
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
