import { afterAll } from "vitest";
import { describeStore } from "../conformance/store.ts";
import { startCluster } from "./cluster-servers.ts";
import { openBench, SUPPORTS } from "./harness.ts";
import { makeLeastUser } from "./least-user.ts";

const cluster = await startCluster();
afterAll(() => cluster.stop());
const [user = ""] = await Promise.all(cluster.primaries.map((node) => makeLeastUser(node.client())));
const redis = cluster.client();
const nodes = cluster.primaries.map((node) => node.client());

describeStore({
  name: "Redis Cluster",
  supports: SUPPORTS,
  open: ({ freeBytes = 2 ** 40 } = {}) =>
    openBench({
      redis,
      url: cluster.url(user),
      freeBytes,
      nodes,
      keys: cluster.keys,
      flush: cluster.flush,
      release: () => undefined,
    }),
});
