/**
 * The bodies as JSON Schema. The API validates with these schemas, and the types and the OpenAPI document are
 * derived from them. A problem answers a wrong value with the field's `description`.
 */
import { IsOptional, type Static, type TProperties, type TSchema, Type } from "typebox";
import { PROBLEM_CODES } from "./codes.ts";
import { MIN_ENVELOPE_BYTES } from "./envelope-length.ts";
import {
  CLAIM_BYTES,
  ENVELOPE_BYTES,
  ID_BYTES,
  LIFETIME_SECONDS,
  MISSING_RANGES_MAX,
  PARTS_MAX,
  PASSPHRASE_ATTEMPTS,
  PROOF_BYTES,
  READS,
  UNLIMITED_READS,
} from "./limits.ts";
import { BASE64URL, BASE64URL_16_BYTES, BASE64URL_32_BYTES } from "./patterns.ts";
import { END_STATES, SERVICE_STATES, STATES } from "./states.ts";

const closed = { additionalProperties: false };

/**
 * An object in a request. Its description names its fields, and answers a value of another type or with other
 * fields.
 */
const closedObject = <Properties extends TProperties>(properties: Properties) => {
  const names = Object.keys(properties);
  const optional = names.filter((name) => IsOptional(properties[name]));
  const leftOut = optional.length === 0 ? "" : ` (${optional.join(", ")} may be left out)`;
  return Type.Object(properties, {
    ...closed,
    description: `an object of exactly ${names.join(", ")}${leftOut}`,
  });
};

const base64url32 = (what: string) =>
  Type.String({
    pattern: BASE64URL_32_BYTES,
    minLength: 43,
    maxLength: 43,
    description: `${what}: ${PROOF_BYTES} bytes as base64url without padding (43 characters)`,
  });

export const Id = Type.String({
  pattern: BASE64URL_16_BYTES,
  minLength: 22,
  maxLength: 22,
  description: `the secret's reference id: ${ID_BYTES} bytes as base64url without padding (22 characters)`,
});

export const PartNumber = Type.Integer({
  minimum: 0,
  maximum: PARTS_MAX - 1,
  description: "a part's number, from 0",
});

const Claim = Type.String({
  pattern: BASE64URL,
  minLength: 22,
  maxLength: 86,
  description: `the opener's claim: ${CLAIM_BYTES.min} to ${CLAIM_BYTES.max} random bytes as base64url without padding`,
});

export const Time = (what: string) =>
  Type.String({ format: "date-time", description: `${what}, ISO 8601 in UTC with milliseconds` });

/** One string of a closed list. */
const oneOf = <Values extends string[]>(values: readonly [...Values], description: string) =>
  Type.Enum(values, { type: "string", description });

/** The value or null. The description says when it is null. */
const orNull = <Value extends TSchema>(value: Value & { description?: string }, when: string) =>
  Type.Union([value, Type.Null()], { description: `${value.description}; null ${when}` });

/** Not a `const`: openapi-python-client reads a union with one as that constant alone. */
const Unlimited = Type.Enum([UNLIMITED_READS], { type: "string" });

const Reads = Type.Union([Type.Integer({ minimum: READS.min, maximum: READS.max }), Unlimited], {
  description: `how many readers: a whole number from ${READS.min} to ${READS.max}, or "${UNLIMITED_READS}"`,
});

const ReadsLeft = Type.Union([Type.Integer({ minimum: 0, maximum: READS.max }), Unlimited], {
  description: `reads left: a whole number, or "${UNLIMITED_READS}"`,
});

export const ReserveBody = closedObject({
  lifetime: Type.Integer({
    minimum: LIFETIME_SECONDS.min,
    maximum: LIFETIME_SECONDS.max,
    description: `whole seconds from ${LIFETIME_SECONDS.min} to ${LIFETIME_SECONDS.max}, counted from the last deposit`,
  }),
  reads: Reads,
  bytes: Type.Integer({
    minimum: MIN_ENVELOPE_BYTES,
    maximum: ENVELOPE_BYTES.max,
    description: "the envelope's length in bytes: a length that version 1 padding gives",
  }),
  verifiers: closedObject({
    link: base64url32("SHA-256 of the link proof"),
    passphrase: Type.Optional(
      base64url32("SHA-256 of the passphrase proof, only when there is a passphrase"),
    ),
    manage: base64url32("SHA-256 of the manage token"),
  }),
});
export type ReserveBody = Static<typeof ReserveBody>;

export const OpenBody = closedObject({
  linkProof: base64url32("the link proof"),
  passphraseProof: Type.Optional(base64url32("the passphrase proof, when the secret has a passphrase")),
  claim: Claim,
});
export type OpenBody = Static<typeof OpenBody>;

/** Body of acknowledge and of a further part. */
export const ClaimBody = closedObject({ claim: Claim });
export type ClaimBody = Static<typeof ClaimBody>;

/** Status takes a link proof in the body, or else no body and a manage token in `Authorization`. */
export const StatusBody = closedObject({ linkProof: base64url32("the link proof") });
export type StatusBody = Static<typeof StatusBody>;

export const Reserved = Type.Object(
  {
    id: Id,
    parts: Type.Integer({
      minimum: 1,
      maximum: PARTS_MAX,
      description: "how many parts the envelope is deposited in",
    }),
    partBytes: Type.Integer({ minimum: 1, description: "bytes of every part but the last" }),
    depositBy: Time("when the reservation ends if the deposit is not complete"),
  },
  closed,
);
export type Reserved = Static<typeof Reserved>;

// An array instead of a tuple: TypeBox writes tuples in the form before JSON Schema 2020-12.
const PartRange = Type.Unsafe<[first: number, last: number]>(
  Type.Array(PartNumber, { minItems: 2, maxItems: 2 }),
);

export const DepositedSome = Type.Object(
  {
    state: Type.Literal("reserved", { description: "parts are missing" }),
    missing: Type.Array(PartRange, {
      minItems: 1,
      maxItems: MISSING_RANGES_MAX,
      description: `the parts still to come, as first and last of each run, in order; at most the first ${MISSING_RANGES_MAX} runs`,
    }),
  },
  closed,
);
export type DepositedSome = Static<typeof DepositedSome>;

export const DepositedAll = Type.Object(
  {
    state: Type.Literal("live", { description: "nothing is missing" }),
    expiresAt: Time("when the secret expires"),
  },
  closed,
);
export type DepositedAll = Static<typeof DepositedAll>;

const State = oneOf(
  STATES,
  "where the secret is in its life; claimed: the last read was taken and its lease is running",
);

export const Status = Type.Object(
  {
    state: State,
    expiresAt: Time(
      "when the secret expires or would have; for a reservation, when the deposit must be complete",
    ),
    readsLeft: ReadsLeft,
    passphrase: Type.Boolean({ description: "whether the secret wants a passphrase" }),
    attemptsLeft: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: "wrong passphrases still survived; null without a passphrase",
    }),
    openedAt: Type.Optional(Time("when it was first opened")),
    endedAt: Type.Optional(Time("when it ended")),
  },
  closed,
);
export type Status = Static<typeof Status>;

const Seconds = (what: string) => Type.Integer({ minimum: 0, description: `${what}, in seconds` });
const Count = (what: string) => Type.Integer({ minimum: 1, description: what });

export const Service = Type.Object(
  {
    state: oneOf(SERVICE_STATES, "halted: maintenance is overdue, and only what destroys still works"),
    since: Time("since when the service has been in this state"),
    version: Type.String({ description: "the software's version" }),
    limits: Type.Object(
      {
        lifetimeSeconds: Type.Object(
          {
            min: Seconds("the shortest lifetime"),
            default: Seconds("the lifetime that a page offers first"),
            max: Seconds("the longest lifetime"),
          },
          { ...closed, description: "lifetimes that are taken" },
        ),
        readsMax: Count("the most reads, where they are counted"),
        envelopeBytes: Count("the largest envelope, in bytes"),
        partBytes: Count("every part but the last, in bytes"),
        leaseSeconds: Seconds("the lease"),
        passphraseAttempts: Count("the wrong passphrase that destroys"),
      },
      { ...closed, description: "this service's own limits, within the protocol's" },
    ),
    maintenance: Type.Object(
      {
        lastSweepAt: orNull(Time("the start of the last complete sweep"), "if none is known"),
        nextSweepBy: orNull(
          Time("when the service halts unless a sweep has completed"),
          "if no sweep is known",
        ),
        erasedWithinSeconds: orNull(
          Seconds("until no file of the store holds the sealed bytes of a secret that has ended"),
          "if nobody can say",
        ),
      },
      { ...closed, description: "the clean-up's times" },
    ),
  },
  closed,
);
export type Service = Static<typeof Service>;

/**
 * One wrong field of a request. `field` is a name of the schema such as `verifiers.link`, never the caller's.
 */
export const FieldFault = Type.Object(
  {
    field: Type.String({ description: "the field's name, `body` for the body itself" }),
    allowed: Type.String({ description: "what the field may be" }),
  },
  closed,
);
export type FieldFault = Static<typeof FieldFault>;

export const Problem = Type.Object(
  {
    type: Type.String({ description: "a URI naming the code" }),
    title: Type.String({ description: "a sentence for people" }),
    status: Type.Integer({ description: "the HTTP status again" }),
    code: oneOf(PROBLEM_CODES, "one of the error table"),
    errors: Type.Optional(Type.Array(FieldFault, { description: "with invalid_request: each wrong field" })),
    state: Type.Optional(oneOf(END_STATES, "with gone: how the secret ended")),
    endedAt: Type.Optional(Time("with gone: when the secret ended")),
    attemptsLeft: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: PASSPHRASE_ATTEMPTS - 1,
        description: "with wrong_passphrase: wrong ones still survived",
      }),
    ),
  },
  closed,
);
export type Problem = Static<typeof Problem>;

export type { TSchema };
