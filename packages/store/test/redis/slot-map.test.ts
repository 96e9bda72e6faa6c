import { expect, test } from "vitest";
import { slotMapIn, slotOf } from "../../src/redis/slot-map.ts";

const FROM = { host: "10.0.0.9", port: 6379 };

test("all keys of one secret have one slot, and the specification's example has its own", () => {
  expect(slotOf("123456789")).toBe(0x31c3);
  expect(slotOf("mayfly:{abc}")).toBe(slotOf("mayfly:{abc}:part:7"));
  expect(slotOf("mayfly:{abc}")).toBe(slotOf("abc"));
});

test("tells who serves a slot, in the order of the slots, replicas left out", () => {
  const map = slotMapIn(
    [
      [100, 16_383, ["10.0.0.2", 7002, "id-2", []], ["10.0.0.3", 7003, "id-3", []]],
      [0, 49, ["10.0.0.1", 7001, "id-1", []]],
      [60, 60, ["10.0.0.1", 7001, "id-1", []]],
    ],
    FROM,
  );
  expect(map?.primaries).toEqual([
    { host: "10.0.0.1", port: 7001 },
    { host: "10.0.0.2", port: 7002 },
  ]);
  expect([0, 49, 50, 60, 100, 16_383].map((slot) => map?.primaryOf(slot))).toEqual([
    0,
    0,
    undefined,
    0,
    1,
    1,
  ]);
  expect(map?.covered).toBe(50 + 1 + 16_284);
});

test("a node that does not know its own name is where the answer came from", () => {
  for (const name of ["", null]) {
    const map = slotMapIn([[0, 16_383, [name, 6379, "id", []]]], FROM);
    expect(map?.primaries).toEqual([FROM]);
  }
});

test("what is no map is none", () => {
  for (const answer of ["OK", null, [1], [[0, 5]], [[0, "5", ["h", 1]]], [[0, 5, ["h", "1"]]]])
    expect(slotMapIn(answer, FROM), JSON.stringify(answer)).toBeNull();
});
