import { expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import { ConfigRefused, parseValues } from "../src/parse.ts";

const noFile = () => {
  throw new Error("no file is read in this test");
};

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseValues(environment, noFile);
  } catch (error) {
    if (error instanceof ConfigRefused) return error.faults;
    throw error;
  }
  return [];
}

test("starts from nothing: every default is valid and fits the others", () => {
  const config = readConfig({}, noFile);
  expect(config).toMatchObject({
    port: 8080,
    host: "127.0.0.1",
    publicOrigin: null,
    leaseMs: 60_000,
    heartbeatMaxAgeMs: 75 * 60_000,
    rateLimits: true,
    store: { kind: "sqlite", directory: "./data" },
    warnings: [],
  });
});

test("reports all faults together, by name, also those that several variables make together", () => {
  const faults = faultsOf({
    PORT: "http",
    PUBLIC_URL: "https://example.org/path",
    TRUSTED_PROXIES: "true",
    LOG_LEVEL: "debug",
    MAYFLY_LEASE_SECONDS: "-1",
    MAYFLY_ALLOW_HTTP: "yes",
    MAYFLY_LEASE_SECONDZ: "1",
    MAYFLY_STORE_MAX_BYTES: "65536",
  });
  expect(faults.map((fault) => fault.split(":")[0]).sort()).toEqual([
    "LOG_LEVEL",
    "MAYFLY_ALLOW_HTTP",
    "MAYFLY_LEASE_SECONDS",
    "MAYFLY_LEASE_SECONDZ",
    "MAYFLY_STORE_MAX_BYTES",
    "PORT",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
  ]);
});

const canary = "c4n4ry-v4lue";
test.each([
  ["REDIS_URL", `http://user:${canary}@host`],
  ["REDIS_URL", canary],
  ["REDIS_URL", `redis://:%zz${canary}@host`],
  ["PORT", canary],
  ["PUBLIC_URL", canary],
  ["TRUSTED_PROXIES", canary],
  ["MAYFLY_PART_BYTES", canary],
])("does not show the value of a wrong %s", (name, value) => {
  const faults = faultsOf({ [name]: value });
  expect(faults).toHaveLength(1);
  expect(faults.join()).not.toContain(canary);
});

test.each(["1", "true", "localhost", "10.0.0.0/0", "10.0.0.0/33", "::1/129", "10.0.0.1/8/8", "10.0.0.1/x"])(
  "refuses TRUSTED_PROXIES=%s, which would trust strangers or nobody",
  (text) => {
    expect(faultsOf({ TRUSTED_PROXIES: text })).toHaveLength(1);
  },
);

test("listens on one address of localhost, since a second server would keep no limits", () => {
  expect(parseValues({ HOST: "localhost" }, noFile).HOST).toBe("127.0.0.1");
  expect(parseValues({ HOST: "::1" }, noFile).HOST).toBe("::1");
});

test("takes addresses and CIDRs of both families as trusted proxies", () => {
  const { TRUSTED_PROXIES } = parseValues({ TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8 ::1,fd00::/8" }, noFile);
  expect(TRUSTED_PROXIES).toEqual(["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"]);
});

test.each([
  [{ HOST: "0.0.0.0" }, "PUBLIC_URL"],
  [{ PUBLIC_URL: "http://secrets.example.org" }, "PUBLIC_URL"],
  [{ MAYFLY_LEASE_SECONDS: "60", MAYFLY_HEARTBEAT_MAX_AGE_SECONDS: "59" }, "MAYFLY_LEASE_SECONDS"],
  [{ MAYFLY_LEASE_SECONDS: "0" }, "MAYFLY_LEASE_SECONDS"],
  [{ MAYFLY_STORE_MAX_BYTES: "65536" }, "MAYFLY_STORE_MAX_BYTES"],
  [{ MAYFLY_REDIS_WAIT_REPLICAS: "1", MAYFLY_REDIS_WAIT_MS: "800" }, "MAYFLY_REDIS_WAIT_MS"],
])("refuses %j, which cannot work, naming %s", (environment, name) => {
  const faults = faultsOf(environment);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${name}: `));
});

test.each([
  { HOST: "0.0.0.0", PUBLIC_URL: "https://secrets.example.org" },
  { PUBLIC_URL: "http://localhost:8080" },
  { PUBLIC_URL: "http://[::1]:8080" },
  { PUBLIC_URL: "http://secrets.example.org", MAYFLY_ALLOW_HTTP: "true" },
  { MAYFLY_LEASE_SECONDS: "0", MAYFLY_ENVELOPE_MAX_BYTES: "1048576" },
])("accepts %j", (environment) => {
  expect(faultsOf(environment)).toEqual([]);
});

test("reads a secret from the file that NAME_FILE names, without its line end", () => {
  const readFile = (path: string) =>
    path === "/run/secrets/redis" ? "redis://:long-and-own@127.0.0.1:6379/0\n" : "";
  const values = parseValues({ REDIS_URL_FILE: "/run/secrets/redis" }, readFile);
  expect(values.REDIS_URL).toBe("redis://:long-and-own@127.0.0.1:6379/0");
});

test("refuses a secret given twice, and a secret file that cannot be read, without its path", () => {
  expect(faultsOf({ REDIS_URL: "redis://h", REDIS_URL_FILE: "/f" })).toEqual([
    "REDIS_URL: set it or REDIS_URL_FILE, not both",
  ]);
  const faults = faultsOf({ REDIS_URL_FILE: "/somewhere/private" });
  expect(faults).toHaveLength(1);
  expect(faults[0]).not.toContain("private");
});

test("takes Redis by Sentinels, and refuses their well-known passwords and other forms", () => {
  const url = "redis+sentinel://user:own@h1:26379,h2:26379,h3:26379/group/0";
  expect(parseValues({ REDIS_URL: url }, noFile).REDIS_URL).toBe(url);
  expect(faultsOf({ REDIS_URL: "redis+sentinel://user:changeme@h1:26379,h2:26379/group" })).toHaveLength(1);
  expect(faultsOf({ REDIS_URL: "rediss+sentinel://h1:26379,h2:26379/group" })).toHaveLength(1);
});

test("takes a cluster by its nodes, and refuses its well-known passwords", () => {
  for (const protocol of ["redis+cluster", "rediss+cluster"]) {
    const url = `${protocol}://user:own@h1:6379,h2:6379,h3:6379`;
    expect(parseValues({ REDIS_URL: url }, noFile).REDIS_URL).toBe(url);
    expect(faultsOf({ REDIS_URL: `${protocol}://user:changeme@h1:6379,h2:6379` })).toHaveLength(1);
  }
});

test("hands on what is declared of Redis, with a certificate from a file", () => {
  const ca = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----";
  const environment = {
    REDIS_URL: "rediss://h",
    MAYFLY_REDIS_CA_FILE: "/ca",
    MAYFLY_REDIS_UNVERIFIED: "true",
    MAYFLY_REDIS_WAIT_REPLICAS: "2",
  };
  expect(readConfig(environment, () => `${ca}\n`).store).toMatchObject({
    ca,
    unverified: true,
    replicas: { count: 2, withinMs: 500 },
  });
  expect(faultsOf({ MAYFLY_REDIS_CA: "MII" })).toHaveLength(1);
  expect(faultsOf({ MAYFLY_LEASE_SECONDS_FILE: "/lease" })).toHaveLength(1);
});

test("takes a limiter key of 32 characters or more, also from a file, and shows none", () => {
  const short = "a-key-of-31-characters-is-short";
  expect(faultsOf({ MAYFLY_LIMITER_KEY: short })).toEqual([expect.not.stringContaining(short)]);
  expect(parseValues({ MAYFLY_LIMITER_KEY: `${short}.` }, noFile).MAYFLY_LIMITER_KEY).toHaveLength(32);
  const { MAYFLY_LIMITER_KEY } = parseValues({ MAYFLY_LIMITER_KEY_FILE: "/key" }, () => `${short}.\n`);
  expect(MAYFLY_LIMITER_KEY).toBe(`${short}.`);
});

test("refuses a well-known Redis password", () => {
  expect(faultsOf({ REDIS_URL: "redis://:foobared@127.0.0.1:6379" })).toHaveLength(1);
});

test("treats an empty variable as unset, as compose files write it", () => {
  expect(readConfig({ REDIS_URL: "", PUBLIC_URL: "" }, noFile).store.kind).toBe("sqlite");
});

test("says loudly what weakens the service", () => {
  const { warnings } = readConfig(
    { MAYFLY_RATE_LIMITS: "off", MAYFLY_HEARTBEAT_MAX_AGE_SECONDS: "90" },
    noFile,
  );
  expect(warnings).toHaveLength(2);
});

test("says so where the address is public and no proxy is trusted, and nowhere else", () => {
  const warningsOf = (environment: Record<string, string>) => readConfig(environment, noFile).warnings;
  const PUBLIC_URL = "https://secrets.example.org";
  expect(warningsOf({ PUBLIC_URL })).toEqual([expect.stringMatching(/^TRUSTED_PROXIES is empty: /)]);
  expect(warningsOf({ PUBLIC_URL, TRUSTED_PROXIES: "10.0.0.7" })).toEqual([]);
  for (const own of ["http://localhost:8080", "https://127.0.0.1", "http://[::1]:1"])
    expect(warningsOf({ PUBLIC_URL: own })).toEqual([]);
  expect(warningsOf({})).toEqual([]);
});

test("lets the age be remembered beside the data directory, or where it is told", () => {
  const historyOf = (environment: Record<string, string>) =>
    readConfig(environment, noFile, "worker").store.history;
  expect(historyOf({})).toEqual({ directory: "./data-mark", program: "worker" });
  expect(historyOf({ DATA_DIR: "/srv/mayfly/", REDIS_URL: "redis://localhost" })).toMatchObject({
    directory: "/srv/mayfly-mark",
  });
  expect(historyOf({ MAYFLY_MARK_DIR: "/mark", MAYFLY_RESTORED: "discard:0123456789ab" })).toEqual({
    directory: "/mark",
    program: "worker",
    restored: { way: "discard", code: "0123456789ab" },
  });
  expect(faultsOf({ MAYFLY_RESTORED: "discard" })).toEqual([
    "MAYFLY_RESTORED: must be discard:CODE or accept:CODE, with the code that the refused start printed",
  ]);
});
