import { SLOTS } from "./slot-map.ts";

/** Who owns the slots of a cluster, as one of its nodes sees it. */
export interface Ownership {
  /** The node that was asked. */
  readonly self: string;
  /** The nodes that own slots. */
  readonly owners: readonly string[];
  /** How many slots are owned. */
  readonly covered: number;
  /** The node that was asked is giving a slot away or taking one over: a secret's keys may be on two nodes. */
  readonly moving: boolean;
  /**
   * The owners, their slots and the epochs in which they came to them. Two equal texts: no slot has changed hands between them, not even
   * to and fro, for whoever takes a slot over does it in a later epoch.
   */
  readonly text: string;
}

/** Reads an answer to CLUSTER NODES. null: it cannot be understood. */
export function ownershipIn(answer: string): Ownership | null {
  const owners: { id: string; text: string }[] = [];
  let self: string | null = null;
  let covered = 0;
  let moving = false;
  for (const line of answer.split("\n")) {
    const [id, , flags, , , , epoch, , ...words] = line.trim().split(" ");
    if (id === undefined || flags === undefined || epoch === undefined) continue;
    if (flags.split(",").includes("myself")) self = id;
    const slots = words.filter((word) => !word.startsWith("["));
    moving ||= slots.length < words.length;
    if (slots.length === 0) continue;
    for (const range of slots) covered += lengthOf(range);
    owners.push({ id, text: `${id} ${epoch} ${slots.join(" ")}` });
  }
  if (self === null) return null;
  owners.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    self,
    owners: owners.map(({ id }) => id),
    covered,
    moving,
    text: owners.map(({ text }) => text).join("\n"),
  };
}

/**
 * What all primaries that own slots say of it, when each was asked. null: they do not agree, or others own slots than were asked, or
 * slots are unowned or on their way.
 */
export function agreed(views: readonly (Ownership | null)[]): string | null {
  const [first] = views;
  if (!first || first.covered !== SLOTS || first.owners.length !== views.length) return null;
  for (const view of views) {
    if (!view || view.moving || view.text !== first.text || !first.owners.includes(view.self)) return null;
  }
  return new Set(views.map((view) => view?.self)).size === views.length ? first.text : null;
}

function lengthOf(range: string): number {
  const [first, last] = range.split("-").map(Number);
  return first === undefined ? 0 : (last ?? first) - first + 1;
}
