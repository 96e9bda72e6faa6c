/**
 * The protocol's constants and types. Schemas are in `@mayfly/wire/schemas`, because a page needs only their
 * types.
 */
export * from "./codes.ts";
export { ENVELOPE_MAGIC, isEnvelopeLength, MIN_ENVELOPE_BYTES } from "./envelope-length.ts";
export * from "./limits.ts";
export * from "./pages.ts";
export * from "./patterns.ts";
export * from "./problems.ts";
export * from "./routes.ts";
export type {
  ClaimBody,
  DepositedAll,
  DepositedSome,
  FieldFault,
  OpenBody,
  Problem,
  ReserveBody,
  Reserved,
  Service,
  Status,
  StatusBody,
} from "./schemas.ts";
export * from "./states.ts";
