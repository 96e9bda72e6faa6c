/** The protocol once, for page, command line and anyone's program: seals and opens here, talks to the service. */
export {
  type Client,
  type ClientSettings,
  createClient,
  type LinkLike,
  textOf,
  textSecret,
} from "./client.ts";
export { ClientError, type ClientErrorCode, type ClientErrorDetails } from "./client-error.ts";
export type { Opened, OpenOptions, OpenProgress, SecretOpener } from "./opener.ts";
export type { Links, Protected, ProtectOptions, ProtectProgress } from "./protect.ts";
export { type StretchPassphrase, stretchHere } from "./stretch.ts";
