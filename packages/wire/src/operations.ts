/** What each route takes and answers, for the OpenAPI document. The schemas are in schemas.ts. */
import { PARTS_MAX, UNLIMITED_READS } from "./limits.ts";
import type { RouteName } from "./routes.ts";
import { OPEN_HEADERS } from "./routes.ts";
import * as schemas from "./schemas.ts";

/** The bodies by their names in the OpenAPI document. */
export const bodySchemas = {
  ReserveBody: schemas.ReserveBody,
  OpenBody: schemas.OpenBody,
  ClaimBody: schemas.ClaimBody,
  StatusBody: schemas.StatusBody,
  Reserved: schemas.Reserved,
  DepositedSome: schemas.DepositedSome,
  DepositedAll: schemas.DepositedAll,
  Status: schemas.Status,
  Service: schemas.Service,
} as const;

type BodyName = keyof typeof bodySchemas;

/** "part": bytes of an envelope. "object": any JSON object. Otherwise a body of `bodySchemas`. */
export type Content = BodyName | "part" | "object";

export interface Answer {
  readonly description: string;
  readonly content?: Content;
  /** The operations that may follow for the same secret; each becomes a link object. */
  readonly next?: readonly RouteName[];
}

export interface Operation {
  readonly summary: string;
  readonly description: string;
  /** How the caller is authorised: by the manage token, by token or body, or by the body alone. */
  readonly manageToken: "required" | "instead of the body" | "no";
  readonly takes?: Content;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Names of the response headers on success, from `answerHeaders`. */
  readonly headers?: readonly string[];
}

/** Headers of successful responses, by name. */
export const answerHeaders: Readonly<Record<string, { description: string; schema: object }>> = {
  [OPEN_HEADERS.parts]: {
    description: "The number of parts of the envelope.",
    schema: { type: "integer", minimum: 1, maximum: PARTS_MAX },
  },
  [OPEN_HEADERS.bytes]: {
    description: "The whole envelope's length in bytes.",
    schema: schemas.ReserveBody.properties.bytes,
  },
  [OPEN_HEADERS.readsLeft]: {
    description: "Reads left after this one: a whole number, or `unlimited`.",
    // A string schema: with a union, tools would convert some values to numbers.
    schema: { type: "string", pattern: `^(0|[1-9][0-9]{0,2}|${UNLIMITED_READS})$` },
  },
  [OPEN_HEADERS.leaseEnds]: {
    description: "When the lease ends, unless the claim fetches a further part or acknowledges first.",
    schema: schemas.Time("when the lease ends"),
  },
};

export const operations: Readonly<Record<RouteName, Operation>> = {
  reserve: {
    summary: "Reserve a place for an envelope",
    description:
      "A reservation waits ten minutes for its deposit, plus the time that its bytes take at 2 Mbit/s. The lifetime counts from the last deposited part.",
    manageToken: "no",
    takes: "ReserveBody",
    answers: {
      201: {
        description: "Reserved.",
        content: "Reserved",
        next: ["deposit", "burn"],
      },
    },
  },
  deposit: {
    summary: "Deposit one part",
    description:
      "The last missing part makes the secret live. Idempotent: the same bytes again succeed, and the expiry stays the same.",
    manageToken: "required",
    takes: "part",
    answers: {
      200: {
        description: "Stored. Other parts are missing.",
        content: "DepositedSome",
        next: ["deposit", "burn"],
      },
      201: {
        description: "Stored. No part is missing, and the secret is live.",
        content: "DepositedAll",
        next: ["status", "open", "burn"],
      },
    },
  },
  open: {
    summary: "Open: take a read and get part 0",
    description:
      "Binds the claim to one read and starts its lease. The same claim again gets the same bytes while the lease lasts.",
    manageToken: "no",
    takes: "OpenBody",
    answers: {
      200: {
        description: "Part 0 of the envelope.",
        content: "part",
        next: ["open", "part", "acknowledge", "status", "burn"],
      },
    },
    headers: Object.values(OPEN_HEADERS),
  },
  part: {
    summary: "Get a further part",
    description:
      "The claim's lease must be running. Each part except part 0 renews the lease, up to one hour after the open plus the time that the envelope takes at 2 Mbit/s.",
    manageToken: "no",
    takes: "ClaimBody",
    answers: { 200: { description: "The part.", content: "part", next: ["part", "acknowledge"] } },
    headers: [OPEN_HEADERS.leaseEnds],
  },
  acknowledge: {
    summary: "Acknowledge a read",
    description:
      "Ends the lease, so the read cannot be repeated. After the last read the envelope is destroyed at once.",
    manageToken: "no",
    takes: "ClaimBody",
    answers: { 204: { description: "Acknowledged, now or before." } },
  },
  status: {
    summary: "Ask for the state",
    description:
      "Send the link proof in the body, or the manage token and no body. Neither is `unauthorized`; both are `invalid_request`. Changes nothing.",
    manageToken: "instead of the body",
    takes: "StatusBody",
    answers: { 200: { description: "The state and its times.", content: "Status" } },
  },
  burn: {
    summary: "Burn: destroy a secret or a reservation",
    description:
      "Idempotent. After the last read was taken, a burn ends the lease and destroys the envelope; the answer is `gone`, opened.",
    manageToken: "required",
    answers: { 204: { description: "Burned, now or before." } },
  },
  service: {
    summary: "Ask for the service's state and limits",
    description: "Works while the service is halted.",
    manageToken: "no",
    answers: { 200: { description: "The state, limits and maintenance.", content: "Service" } },
  },
  openapi: {
    summary: "Get this document",
    description: "OpenAPI 3.1.",
    manageToken: "no",
    answers: { 200: { description: "This document.", content: "object" } },
  },
};
