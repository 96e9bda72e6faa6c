/**
 * Every problem of the service: code → status and sentence. Problems are RFC 9457 documents and repeat
 * nothing of the request.
 */
import type { ProblemCode } from "./codes.ts";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** `waits`: the response has a `Retry-After` header, because a later retry may succeed. */
export const problems = {
  invalid_request: { status: 400, title: "The request is not as the protocol wants it.", waits: false },
  unauthorized: { status: 401, title: "The manage token is missing, or is no token.", waits: false },
  cross_site: { status: 403, title: "Requests from other sites are refused.", waits: false },
  passphrase_required: { status: 403, title: "This secret needs its passphrase.", waits: false },
  wrong_passphrase: { status: 403, title: "The passphrase is wrong.", waits: false },
  not_found: { status: 404, title: "There is nothing here for this link.", waits: false },
  method_not_allowed: { status: 405, title: "This address does not take this method.", waits: false },
  timeout: { status: 408, title: "The request took too long to arrive.", waits: false },
  conflict: { status: 409, title: "This part was already deposited with other bytes.", waits: false },
  gone: { status: 410, title: "This secret is gone.", waits: false },
  too_large: { status: 413, title: "The request is larger than allowed.", waits: false },
  unsupported_media_type: {
    status: 415,
    title: "The request's content type is not the wanted one.",
    waits: false,
  },
  misdirected: { status: 421, title: "This service is not found under this name.", waits: false },
  rate_limited: { status: 429, title: "Too many requests. Please wait a moment.", waits: true },
  quota_exceeded: {
    status: 429,
    title: "This network has deposited as many bytes as it may for now.",
    waits: true,
  },
  headers_too_large: { status: 431, title: "The request's headers are larger than allowed.", waits: false },
  internal: { status: 500, title: "The service made a mistake.", waits: false },
  halted: { status: 503, title: "The service is halted, because its clean-up is overdue.", waits: true },
  unavailable: { status: 503, title: "The service cannot do this right now.", waits: true },
  busy: { status: 503, title: "Too much is on its way at the moment.", waits: true },
  store_full: { status: 507, title: "The service has no room for more secrets right now.", waits: true },
} as const satisfies Record<ProblemCode, { status: number; title: string; waits: boolean }>;

/** The URI of the problem's type. */
export function problemType(code: ProblemCode): string {
  return `urn:mayfly:problem:${code}`;
}
