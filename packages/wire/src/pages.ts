/**
 * The page's paths. Each serves the same document. The link code stands in the fragment, which browsers do
 * not send.
 */
export const pages = {
  /** Write a secret. */
  compose: "/",
  /** Open the secret of the link code. */
  open: "/s",
  /** Show the state of a secret, and burn it. */
  manage: "/m",
} as const satisfies Record<string, `/${string}`>;
