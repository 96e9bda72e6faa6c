/** The law that both sides read. The schemas are an entry of their own (`@mayfly/wire/schemas`): a page needs only their types. */
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
  EndState,
  FieldFault,
  OpenBody,
  Problem,
  ReserveBody,
  Reserved,
  Service,
  State,
  Status,
  StatusBody,
} from "./schemas.ts";
