import { expect, test } from "vitest";
import { allowance, namesOf } from "../../src/limits/client-names.ts";

test.each([
  ["192.0.2.1", ["192.0.2.1"]],
  ["::ffff:192.0.2.1", ["192.0.2.1"]],
  ["::FFFF:c000:0201", ["192.0.2.1"]],
  ["64:ff9b::192.0.2.255", ["192.0.2.255"]],
  ["2001:db8:1:ab12::7", ["2001:db8:1:ab12/64", "2001:db8:1:ab/56", "2001:db8:1/48"]],
  ["2001:0DB8:0001:00b2:1:2:3:4", ["2001:db8:1:b2/64", "2001:db8:1:0/56", "2001:db8:1/48"]],
  ["2001:db8:1:3ab::", ["2001:db8:1:3ab/64", "2001:db8:1:3/56", "2001:db8:1/48"]],
  ["::1", ["0:0:0:0/64", "0:0:0:0/56", "0:0:0/48"]],
  ["fe80::1%eth0", ["fe80:0:0:0/64", "fe80:0:0:0/56", "fe80:0:0/48"]],
  ["unknown:port", ["unknown:port"]],
  ["192.0.2.1:4711", ["192.0.2.1"]],
  ["[2001:db8:1:ab12::7]:4711", ["2001:db8:1:ab12/64", "2001:db8:1:ab/56", "2001:db8:1/48"]],
])("counts %s as %j", (address, names) => {
  expect(namesOf(address)).toEqual(names);
});

test("has one name for each prefix, however an address is written", () => {
  const written = ["2001:db8::1:0:0:9", "2001:0db8:0:0:1::9", "2001:DB8:0:0:0001:0:0:9"];
  expect(new Set(written.map((address) => namesOf(address).join())).size).toBe(1);
});

test("allows a prefix twice as much as the one within", () => {
  expect([0, 1, 2].map((index) => allowance(60, index))).toEqual([60, 120, 240]);
});
