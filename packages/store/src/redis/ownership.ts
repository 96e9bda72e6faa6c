import { SLOTS } from "./slot-map.ts";

/** The owners of a cluster's slots, as one node sees them. */
interface Ownership {
  /** The node that was asked. */
  readonly self: string;
  /** The nodes that own slots. */
  readonly owners: readonly string[];
  /** How many slots have an owner. */
  readonly covered: number;
  /** True while the asked node gives a slot away or takes one over: a secret's keys may be on two nodes. */
  readonly moving: boolean;
  /**
   * The owners, their slots and config epochs. Equal texts mean that no slot has changed owners in between,
   * not even back and forth: each change raises an epoch.
   */
  readonly text: string;
}

/** Parses an answer to CLUSTER NODES. null: it cannot be parsed. */
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
 * The ownership that all slot-owning primaries agree on, if each was asked. null: they disagree, another node
 * owns slots, or slots are unowned or moving.
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
