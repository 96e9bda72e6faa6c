import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@mayfly/lab/until";
import { describe, expect, test } from "vitest";
import { RedisCluster } from "../../chaos/lab/redis-cluster.ts";
import { RedisReplicas } from "../../chaos/lab/redis-replicas.ts";
import { RedisSentinel } from "../../chaos/lab/redis-sentinel.ts";
import { startSmallDisk } from "../../chaos/lab/small-disk.ts";

test.runIf(process.getuid?.() === 0 || process.env.CI === "true")(
  "a small disk fills up, and is read-only, and is gone",
  () => {
    const disk = startSmallDisk(1);
    if ("reason" in disk) throw new Error(disk.reason);
    const file = join(disk.path, "file");
    disk.fill();
    expect(() => writeFileSync(file, "some bytes")).toThrow("ENOSPC");
    disk.free();
    writeFileSync(file, "some bytes");
    disk.setReadOnly(true);
    expect(() => writeFileSync(file, "others")).toThrow("EROFS");
    disk.setReadOnly(false);
    expect(statSync(file).size).toBe(10);
    disk.remove();
    expect(existsSync(disk.path)).toBe(false);
  },
);

describe("Redis in numbers", { timeout: 300_000 }, () => {
  test("a primary that its replicas no longer hear is killed: the promoted one lacks the last write", async () => {
    const lab = await RedisReplicas.start();
    try {
      const { primary: old } = lab;
      await old.server.command("set", "early", "1");
      await old.server.command("wait", "2", "5000");
      lab.cutReplication();
      await old.server.command("set", "late", "1");
      expect((await old.server.command("wait", "1", "100")).trim()).toBe("0");
      await lab.failOver();
      expect(lab.primary).not.toBe(old);
      expect((await lab.primary.server.command("exists", "early", "late")).trim()).toBe("1");
      expect((await old.server.command("exists", "late")).trim()).toBe("0");
    } finally {
      await lab.stop();
    }
  });

  test("Sentinels promote another when the primary is killed, and take the old one back as a replica", async () => {
    const lab = await RedisSentinel.start();
    try {
      const old = await lab.primary();
      const { comeBack } = await lab.losePrimary();
      expect(await lab.primary()).not.toBe(old);
      await comeBack();
      await until("the old primary to follow", async () =>
        (await old.server.command("role")).startsWith("slave"),
      );
    } finally {
      await lab.stop();
    }
  });

  test("a cluster gives a dead primary's slots to its replica, and is whole again when it comes back", async () => {
    const cluster = await RedisCluster.start();
    try {
      expect(await cluster.primaries()).toHaveLength(3);
      const { comeBack } = await cluster.losePrimary(1);
      await comeBack();
      await cluster.whole();
    } finally {
      await cluster.stop();
    }
  });
});
