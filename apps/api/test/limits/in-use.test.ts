import { expect, test } from "vitest";
import { clientOf } from "../../src/limits/client.ts";
import { InUse } from "../../src/limits/in-use.ts";

test("gives one client its share, and takes back", () => {
  const inUse = new InUse(10);
  const [a, b] = [clientOf("192.0.2.1"), clientOf("192.0.2.2")];
  expect(inUse.add(a, 10)).toBe(true);
  expect(inUse.add(a, 1)).toBe(false);
  expect(inUse.add(b, 10)).toBe(true);
  inUse.remove(a, 4);
  expect(inUse.add(a, 4)).toBe(true);
  expect(inUse.all).toBe(20);
  inUse.remove(a, 10);
  inUse.remove(b, 10);
  expect(inUse.all).toBe(0);
});

test("gives a /56 two shares and a /48 four, and changes nothing when it refuses", () => {
  const inUse = new InUse(10);
  const added = (prefix: string) => inUse.add(clientOf(`${prefix}::1`), 10);
  expect(["a1", "a2", "a3"].map((network) => added(`2001:db8:1:${network}00`))).toEqual([true, true, true]);
  expect(["b1", "b2"].map((network) => added(`2001:db8:1:a1${network}`))).toEqual([true, false]);
  expect(added("2001:db8:1:ff00")).toBe(false);
  expect(added("2001:db8:2:ff00")).toBe(true);
  inUse.remove(clientOf("2001:db8:1:a200::1"), 10);
  expect(added("2001:db8:1:ff00")).toBe(true);
});
