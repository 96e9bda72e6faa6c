import { count, exact, size } from "./amounts.ts";

/** English, for an opened secret. */
export const secret = {
  shown: "The secret",
  copy: "Copy",
  copyField: (name: string) => `Copy ${name}`,
  save: "Save",
  sized: (bytes: number) => `(${size(bytes)})`,
  unreadable: "The secret is whole, but this page cannot show it.",
  asking: "Telling the service to destroy it…",
  confirmed: "This secret is now destroyed on the service. It exists only here: copy it before you leave.",
  readsLeft: (left: number | "unlimited") =>
    left === "unlimited"
      ? "It can be opened again until it expires."
      : `It can be opened ${count(left, "more time", "more times")} until it expires.`,
  unconfirmed: (at: string) =>
    `The service did not confirm that it destroyed the secret. It does so by ${exact(at)} at the latest. Copy the secret before you leave.`,
};
