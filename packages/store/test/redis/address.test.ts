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

test("reads Sentinels, their group, and the servers' user and password", () => {
  expect(parseAddress("redis+sentinel://user:p%2Cw@h1:26380,h2,[::1]:5/my%20group/3")).toEqual({
    host: "h1",
    port: 26380,
    tls: false,
    db: 3,
    username: "user",
    password: "p,w",
    sentinels: {
      group: "my group",
      at: [
        { host: "h1", port: 26380 },
        { host: "h2", port: 26379 },
        { host: "::1", port: 5 },
      ],
    },
  });
  expect(parseAddress("redis+sentinel://:word@h1/group")).toMatchObject({
    username: null,
    password: "word",
    db: 0,
  });
});

test("reads the nodes of a cluster, and the servers' user and password", () => {
  const cluster = [
    { host: "h1", port: 7000 },
    { host: "h2", port: 6379 },
    { host: "::1", port: 5 },
  ];
  expect(parseAddress("redis+cluster://user:p%2Cw@h1:7000,h2,[::1]:5")).toEqual({
    host: "h1",
    port: 7000,
    tls: false,
    db: 0,
    username: "user",
    password: "p,w",
    cluster,
  });
  expect(parseAddress("rediss+cluster://h1/0")).toMatchObject({
    tls: true,
    cluster: [{ host: "h1", port: 6379 }],
  });
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
    "redis+sentinel://:canary@h1,h2",
    "redis+sentinel://:canary@h1,h2/group/zero",
    "redis+sentinel://:canary@h1,,h2/group",
    "redis+sentinel://:canary@h1:99999/group",
    "redis+sentinel://:canary@/group",
    "redis+sentinel://:canary@h1/group?sentinelPassword=canary",
    "rediss+sentinel://:canary@h1/group",
    "redis+cluster://:canary@h1,h2/1",
    "redis+cluster://:canary@h1,,h2",
    "redis+cluster://:canary@h1:99999",
    "redis+cluster://:canary@",
    "redis+cluster://:canary@h1?db=0",
    "redis+other://:canary@h1",
  ];
  for (const url of wrong) {
    expect(() => parseAddress(url), url).toThrow(StoreRefused);
    expect(() => parseAddress(url), url).not.toThrow("canary");
  }
});
