/**
 * The client of the protocol, for the page, the command line and other programs. Seals and opens on this
 * machine.
 */
export {
  type Bytes,
  CryptoError,
  type CryptoReason,
  checkPassphrase,
  envelopeLength,
  type FileMeta,
  type LinkCode,
  type LinkKind,
  linkOrigin,
  type OpenedMeta,
  type OpenedSecret,
  type PastedLink,
  readLink,
  type Secret,
  type SecretMeta,
} from "@mayfly/crypto";
export { burn } from "./burn.ts";
export { type Client, type ClientSettings, createClient } from "./client.ts";
export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorDetails,
  type EndState,
  type FieldFault,
  type ServiceErrorCode,
} from "./client-error.ts";
export { type Connection, type ConnectionSettings, connect } from "./connection.ts";
export { type ErrorCode, type ErrorEntry, errorCode, errorTable } from "./error-table.ts";
export { fieldsOf, fieldsSecret } from "./fields-secret.ts";
export { type FileSource, filesOf, filesSecret, type OpenedFile } from "./files-secret.ts";
export type { LinkLike } from "./link-like.ts";
export {
  createSecretOpener,
  type Opened,
  type OpenOptions,
  type OpenProgress,
  type Read,
  type SecretOpener,
} from "./opener.ts";
export {
  type Links,
  type Protected,
  type ProtectOptions,
  type ProtectProgress,
  protect,
} from "./protect.ts";
export type { Waiting } from "./retry.ts";
export type { ContentStream, SecretSource } from "./secret-source.ts";
export { type Service, service } from "./service.ts";
export type { Sink } from "./sink.ts";
export { type State, type Status, status } from "./status.ts";
export type { StretchPassphrase } from "./stretch.ts";
export { textOf, textSecret } from "./text-secret.ts";
