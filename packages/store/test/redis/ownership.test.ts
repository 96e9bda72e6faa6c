import { expect, test } from "vitest";
import { agreed, ownershipIn } from "../../src/redis/ownership.ts";

const NAMES = ["a", "b", "c"] as const;

interface Node {
  readonly epoch?: number;
  readonly slots: string;
  readonly role?: string;
}

/** What `self` answers to CLUSTER NODES. */
function view(self: string, nodes: Readonly<Record<string, Node>>): string {
  return Object.entries(nodes)
    .map(([id, { epoch = 1, slots, role = "master" }]) => {
      const flags = id === self ? `myself,${role}` : role;
      return `${id} 127.0.0.1:7000@17000 ${flags} - 0 0 ${epoch} connected ${slots}`.trimEnd();
    })
    .join("\n");
}

const WHOLE: Readonly<Record<string, Node>> = {
  a: { slots: "0-5000 5002" },
  b: { slots: "5001 5003-10000" },
  c: { slots: "10001-16383" },
  d: { slots: "", role: "slave" },
};

const views = (nodes = WHOLE, others = nodes) =>
  NAMES.map((name, n) => ownershipIn(view(name, n === 0 ? nodes : others)));

test("primaries agree when each tells the same owners of all slots", () => {
  expect(ownershipIn(view("a", WHOLE))).toMatchObject({
    self: "a",
    owners: ["a", "b", "c"],
    covered: 16_384,
  });
  expect(agreed(views())).not.toBeNull();
});

test("who took a slot over did so in a later epoch, so that nothing that came back looks untouched", () => {
  expect(agreed(views({ ...WHOLE, b: { slots: "5001 5003-10000", epoch: 2 } }))).not.toBe(agreed(views()));
});

test("they do not agree on anything less", () => {
  const moving = { ...WHOLE, a: { slots: "0-5000 5002 [5002->-b]" } };
  const less = { ...WHOLE, c: { slots: "10001-16382" } };
  const later = { ...WHOLE, c: { slots: "10001-16383", epoch: 3 } };
  expect(agreed(views(moving))).toBeNull();
  expect(agreed(views(less))).toBeNull();
  expect(agreed(views(WHOLE, later))).toBeNull();
  expect(agreed(views().slice(0, 2))).toBeNull();
  expect(agreed([...views().slice(0, 2), ownershipIn(view("a", WHOLE))])).toBeNull();
  expect(agreed([...views().slice(0, 2), ownershipIn("nonsense")])).toBeNull();
  expect(agreed([])).toBeNull();
});
