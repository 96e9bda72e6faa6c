/**
 * The page's addresses. One document is served at each of them, so that no request tells what it is for: the link code
 * stands behind the `#`, which browsers do not send.
 */
export const pages = {
  /** Write a secret. */
  compose: "/",
  /** Open the secret of the link code. */
  open: "/s",
  /** See and burn the secret of the manage code. */
  manage: "/m",
} as const satisfies Record<string, `/${string}`>;

export type PageName = keyof typeof pages;
