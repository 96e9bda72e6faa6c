import { expect, test } from "vitest";
import { Clients, hold, release } from "../../src/limits/clients.ts";

let now = 0;
const HOUR = 3_600_000;
const clock = { monotonic: () => now };
const add = (clients: Clients, address: string, amount: number) =>
  hold(clients.of(address), "bytes", amount, 10);
const remove = (clients: Clients, address: string, amount: number) =>
  release(clients.of(address), "bytes", amount);

test("gives one client its share, and takes back", () => {
  const clients = new Clients(clock);
  const [a, b] = ["192.0.2.1", "192.0.2.2"];
  expect(add(clients, a, 10)).toBe(true);
  expect(add(clients, a, 1)).toBe(false);
  expect(add(clients, b, 10)).toBe(true);
  remove(clients, a, 4);
  expect(add(clients, a, 4)).toBe(true);
  remove(clients, a, 10);
  remove(clients, b, 10);
  expect([a, b].map((address) => add(clients, address, 10))).toEqual([true, true]);
});

test("gives a /56 two shares and a /48 four, and changes nothing when it refuses", () => {
  const clients = new Clients(clock);
  const added = (prefix: string) => add(clients, `${prefix}::1`, 10);
  expect(["a1", "a2", "a3"].map((network) => added(`2001:db8:1:${network}00`))).toEqual([true, true, true]);
  expect(["b1", "b2"].map((network) => added(`2001:db8:1:a1${network}`))).toEqual([true, false]);
  expect(added("2001:db8:1:ff00")).toBe(false);
  expect(added("2001:db8:2:ff00")).toBe(true);
  remove(clients, "2001:db8:1:a200::1", 10);
  expect(added("2001:db8:1:ff00")).toBe(true);
});

test("is one object for each name, by whatever address it is reached", () => {
  const clients = new Clients(clock);
  const [first, second] = [clients.of("2001:db8:1:a1::1"), clients.of("2001:db8:1:a2::1")];
  expect(second[0]).not.toBe(first[0]);
  expect(second.slice(1)).toEqual(first.slice(1));
  expect(second[2]).toBe(first[2]);
});

test("a flood of addresses is bounded, and forgets neither who has something now nor who comes again and again", () => {
  const clients = new Clients(clock);
  expect(add(clients, "192.0.2.1", 10)).toBe(true);
  const [often] = clients.of("2001:db8::1");
  for (let i = 0; i < 250_000; i++) {
    clients.of(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    if (i % 1_000 === 0) clients.of("2001:db8::1");
  }
  expect(clients.size).toBeLessThanOrEqual(100_010);
  expect(add(clients, "192.0.2.1", 1)).toBe(false);
  expect(clients.of("2001:db8::1")[0]).toBe(often);
});

test("forgets an address an hour or two after its last request", () => {
  const clients = new Clients(clock);
  const [name] = clients.of("192.0.2.1");
  now += HOUR - 1;
  expect(clients.of("192.0.2.1")[0]).toBe(name);
  now += HOUR;
  expect(clients.of("192.0.2.1")[0]).toBe(name);
  for (let hour = 0; hour < 2; hour++) {
    now += HOUR;
    clients.of("192.0.2.2");
  }
  expect(clients.of("192.0.2.1")[0]).not.toBe(name);
});
