/** What each route takes and answers: the part of the OpenAPI document that is not in the schemas. */
import { PARTS_MAX, UNLIMITED_READS } from "./limits.ts";
import type { RouteName } from "./routes.ts";
import { OPEN_HEADERS } from "./routes.ts";
import * as schemas from "./schemas.ts";

/** The bodies, by the name that they have in the document. */
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

export type BodyName = keyof typeof bodySchemas;

/** Bytes of an envelope, any JSON object, or a body of the list above. */
export type Content = BodyName | "part" | "object";

export interface Answer {
  readonly description: string;
  readonly content?: Content;
  /** What the same secret may be asked next, a link object each. Not what would still answer `not_found`. */
  readonly next?: readonly RouteName[];
}

export interface Operation {
  readonly summary: string;
  readonly description: string;
  /** Who may: a bearer of the manage token alone, either of two, or whoever knows what the body holds. */
  readonly manageToken: "required" | "instead of the body" | "no";
  readonly takes?: Content;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Names of the headers of a success, out of `answerHeaders`. */
  readonly headers?: readonly string[];
}

/** Headers of successful answers, by name. */
export const answerHeaders: Readonly<Record<string, { description: string; schema: object }>> = {
  [OPEN_HEADERS.parts]: {
    description: "In how many parts the envelope is handed out.",
    schema: { type: "integer", minimum: 1, maximum: PARTS_MAX },
  },
  [OPEN_HEADERS.bytes]: {
    description: "The whole envelope's length in bytes.",
    schema: schemas.ReserveBody.properties.bytes,
  },
  [OPEN_HEADERS.readsLeft]: {
    description: "Reads left after this one: a whole number, or `unlimited`.",
    // A header is text: tools turn it into a number only where it can be nothing else.
    schema: { type: "string", pattern: `^(0|[1-9][0-9]{0,2}|${UNLIMITED_READS})$` },
  },
  [OPEN_HEADERS.leaseEnds]: {
    description:
      "Until when this claim may repeat its read, unless it fetches a further part or acknowledges before.",
    schema: schemas.Time("when the lease ends"),
  },
};

export const operations: Readonly<Record<RouteName, Operation>> = {
  reserve: {
    summary: "Reserve a place for an envelope",
    description:
      "The place waits ten minutes for its deposit, and the time that its bytes take at 2 Mbit/s. The lifetime counts from the last deposited part.",
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
      "The last missing part makes the secret live. The same bytes again succeed and lengthen nothing.",
    manageToken: "required",
    takes: "part",
    answers: {
      200: {
        description: "Kept; other parts are missing.",
        content: "DepositedSome",
        next: ["deposit", "burn"],
      },
      201: {
        description: "Kept; nothing is missing, and the secret is live.",
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
      "For a claim within its lease. A part other than 0 renews the lease: in all up to one hour after the open, and the time that the envelope takes at 2 Mbit/s.",
    manageToken: "no",
    takes: "ClaimBody",
    answers: { 200: { description: "The part.", content: "part", next: ["part", "acknowledge"] } },
    headers: [OPEN_HEADERS.leaseEnds],
  },
  acknowledge: {
    summary: "Acknowledge a read",
    description: "The read can no longer be repeated; after the last read the envelope is destroyed at once.",
    manageToken: "no",
    takes: "ClaimBody",
    answers: { 204: { description: "Acknowledged, now or before." } },
  },
  status: {
    summary: "Ask for the state",
    description:
      "One of two: the link proof in the body and no `Authorization`, or the manage token and no body. Neither is `unauthorized`, both are `invalid_request`. Changes nothing.",
    manageToken: "instead of the body",
    takes: "StatusBody",
    answers: { 200: { description: "The state and its times.", content: "Status" } },
  },
  burn: {
    summary: "Burn: destroy a secret or a reservation",
    description:
      "Burned before is burned: the same answer again. With the last read taken, its lease is cut and the envelope destroyed; the answer is gone, opened.",
    manageToken: "required",
    answers: { 204: { description: "Burned, now or before." } },
  },
  service: {
    summary: "Ask for the service's state and limits",
    description: "Also while halted.",
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
