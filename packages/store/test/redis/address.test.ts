import { expect, test } from "vitest";
import { StoreRefused } from "../../src/index.ts";
import { parseAddress } from "../../src/redis/address.ts";

test("reads host, port, database, user, password and TLS", () => {
  expect(parseAddress("redis://localhost")).toEqual({
    host: "localhost",
    port: 6379,
    tls: false,
    db: 0,
    username: null,
    password: null,
  });
  expect(parseAddress("rediss://user:p%40ss@[::1]:7000/5")).toEqual({
    host: "::1",
    port: 7000,
    tls: true,
    db: 5,
    username: "user",
    password: "p@ss",
  });
  expect(parseAddress("redis://:word@redis/")).toMatchObject({ username: null, password: "word", db: 0 });
});

test("refuses what it does not understand, without repeating it", () => {
  const wrong = [
    "",
    "localhost:6379",
    "http://:canary@localhost",
    "redis://",
    "redis://:canary@localhost/zero",
    "redis://:canary@localhost/0/1",
    "redis://:canary@localhost?db=1",
    "redis://:canary%zz@localhost",
  ];
  for (const url of wrong) {
    expect(() => parseAddress(url), url).toThrow(StoreRefused);
    expect(() => parseAddress(url), url).not.toThrow("canary");
  }
});
