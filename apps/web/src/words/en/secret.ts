import { clock, count, size, span } from "./amounts.ts";

/** English, for an opened secret. */
export const secret = {
  shown: "The secret",
  copy: "Copy",
  copyField: (name: string) => `Copy ${name}`,
  save: "Save",
  saveText: "Save as a file",
  saveBytes: "Save its bytes",
  sized: (bytes: number) => `(${size(bytes)})`,
  beginning: "Only the beginning is shown here. Copy and Save take all of it.",
  unreadable:
    "The secret arrived whole, but it is not of the kind that it says, so this page cannot show it.",
  unsaved: (at: string) =>
    `The service is told once you have pressed Save. Until ${clock(at)} it keeps the secret for this page.`,
  asking: "Telling the service that it has arrived…",
  confirmed:
    "The service gives it to no further reader, and deletes it as soon as nobody else is still receiving it.",
  unconfirmed: (at: string) =>
    `The service did not confirm that it deleted the secret. It does so by itself, usually by ${clock(at)}.`,
  erased: (within: number | null) =>
    within === null
      ? "Its sealed bytes may stay in the service's files until its server rewrites them; without this link nobody can open them."
      : `Its sealed bytes are erased from the service's files within ${span(within)} of that.`,
  copyFirst: "Copy or save what you need before you leave this page.",
  readsLeft: (left: number | "unlimited") =>
    `${
      left === "unlimited"
        ? "It can be opened again until it expires or is deleted."
        : `It can be opened ${count(left, "more time", "more times")}, until it expires or is deleted.`
    } Your browser may keep the link in its history.`,
};
