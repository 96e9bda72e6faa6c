import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@mayfly/lab/ports";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { afterAll, expect, test } from "vitest";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample, opened } from "../conformance/sample.ts";
import { makeLeastUser } from "./least-user.ts";
import { eventually, startRedis } from "./server.ts";

const folder = temporaryFolder("tls");
const file = (name: string) => join(folder.path, name);
const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder.path, stdio: "pipe" });

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
for (const name of ["ca", "stranger"])
  openssl(
    "req",
    "-x509",
    ...KEY,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.pem`,
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
  );
const BY_CA = ["-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1"];
openssl(
  "req",
  "-x509",
  ...KEY,
  "-keyout",
  "server.key",
  "-out",
  "server.pem",
  "-subj",
  "/CN=redis",
  ...BY_CA,
);

const port = await freePort();
const server = await startRedis([
  ...["tls-port", String(port), "tls-auth-clients", "no"],
  ...[
    "tls-cert-file",
    file("server.pem"),
    "tls-key-file",
    file("server.key"),
    "tls-ca-cert-file",
    file("ca.pem"),
  ],
]);
const user = await makeLeastUser(server.client());
afterAll(async () => {
  await server.stop();
  folder.remove();
});

const open = (host: string, ca?: string) =>
  openRedisStore({
    url: `rediss://${user}@${host}:${port}/0`,
    commandTimeoutMs: 2_000,
    persistence: "any",
    capacityBytes: 2 ** 40,
    ...(ca === undefined ? {} : { ca: readFileSync(file(ca), "utf8") }),
  });

test("keeps and gives out a secret over TLS, as the least of users, trusting the one authority that it was given", async () => {
  const store = await open("127.0.0.1", "ca.pem");
  const secret = await liveSample(store);
  expect((await opened(store, secret.opening())).part).toEqual(secret.parts[0]);
  await store.close();
});

test("enters no server that another authority vouches for, that none does, or that has another's name", async () => {
  const openings = [open("127.0.0.1", "stranger.pem"), open("127.0.0.1"), open("localhost", "ca.pem")];
  for (const outcome of await Promise.allSettled(openings))
    expect(outcome).toMatchObject({ status: "rejected", reason: { name: "StoreRefused" } });
}, 45_000);

test("a cluster is entered over TLS too, by the ports that it announces for it", async () => {
  const tlsPort = await freePort();
  const node = await startRedis([
    ...[
      "cluster-enabled",
      "yes",
      "tls-cluster",
      "yes",
      "cluster-port",
      String(await freePort()),
      "tls-port",
      String(tlsPort),
    ],
    ...["tls-auth-clients", "no", "tls-cert-file", file("server.pem"), "tls-key-file", file("server.key")],
    ...["tls-ca-cert-file", file("ca.pem")],
  ]);
  try {
    const redis = node.client();
    await redis.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await eventually(
      async () => String(await redis.call("CLUSTER", "INFO")).includes("cluster_state:ok"),
      10_000,
    );
    const store = await openRedisStore({
      url: `rediss+cluster://127.0.0.1:${tlsPort}`,
      commandTimeoutMs: 2_000,
      persistence: "none",
      capacityBytes: 2 ** 40,
      ca: readFileSync(file("ca.pem"), "utf8"),
    });
    const secret = await liveSample(store);
    await opened(store, secret.opening());
    await store.close();
  } finally {
    await node.stop();
  }
});
