import keySlot from "cluster-key-slot";
import type { Place } from "./address.ts";

/** How many slots a cluster has. */
export const SLOTS = 16_384;

/** Which primary serves which slot, as one node of the cluster sees it. */
export interface SlotMap {
  /** The primaries that own slots, in the order of their first slot. */
  readonly primaries: readonly Place[];
  /** How many slots have a primary; SLOTS if all have one. */
  readonly covered: number;
  /** An index of `primaries`; undefined: no primary serves the slot. */
  primaryOf(slot: number): number | undefined;
  /** The highest slot of a primary, by its index. */
  highestOf(primary: number): number;
  /** Equal texts: the same primaries serve the same slots. */
  readonly text: string;
}

export function slotOf(key: string): number {
  return keySlot(key);
}

/**
 * Parses an answer to CLUSTER SLOTS. A node without a name is `from`: nodes that do not know their own
 * address answer so. null: the answer cannot be parsed.
 */
export function slotMapIn(answer: unknown, from: Place): SlotMap | null {
  if (!Array.isArray(answer)) return null;
  const ranges = answer.map((range: unknown) => rangeIn(range, from));
  ranges.sort((a, b) => (a?.first ?? 0) - (b?.first ?? 0));
  const primaries: Place[] = [];
  const owners = new Int16Array(SLOTS).fill(-1);
  for (const range of ranges) {
    if (range === null) return null;
    const { first, last, primary } = range;
    let index = primaries.findIndex(({ host, port }) => host === primary.host && port === primary.port);
    if (index < 0) index = primaries.push(primary) - 1;
    owners.fill(index, first, last + 1);
  }
  return {
    primaries,
    covered: owners.reduce((sum, owner) => sum + (owner < 0 ? 0 : 1), 0),
    primaryOf: (slot) => {
      const index = owners[slot] ?? -1;
      return index < 0 ? undefined : index;
    },
    highestOf: (primary) => owners.lastIndexOf(primary),
    text: JSON.stringify(ranges),
  };
}

function rangeIn(range: unknown, from: Place): { first: number; last: number; primary: Place } | null {
  if (!Array.isArray(range)) return null;
  const [first, last, primary] = range as unknown[];
  if (typeof first !== "number" || typeof last !== "number" || !Array.isArray(primary)) return null;
  const [name, port] = primary as unknown[];
  if (typeof port !== "number") return null;
  return { first, last, primary: { host: name ? String(name) : from.host, port: port || from.port } };
}
