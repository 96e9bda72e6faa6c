import { expect, test } from "vitest";
import { faultOf } from "../../src/redis/faults.ts";

test("a driver's error becomes a word", () => {
  const faults = {
    "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'": "full",
    "READONLY You can't write against a read only replica.": "read_only",
    "MISCONF Redis is configured to save RDB snapshots": "read_only",
    "BUSY Redis is busy running a script.": "busy",
    "UNKILLABLE Sorry the script already executed write commands": "busy",
    "LOADING Redis is loading the dataset in memory": "connection",
    "MASTERDOWN Link with MASTER is down": "connection",
    "CLUSTERDOWN The cluster is down": "connection",
    "MOVED 3999 127.0.0.1:6381": "connection",
    "ASK 3999 127.0.0.1:6381": "busy",
    "TRYAGAIN Multiple keys request during rehashing of slot": "busy",
    "ERR Script attempted to access a non local key in a cluster node script: 1, on @user_script:1.": "busy",
    "ERR Script attempted to execute a write command while the cluster is down and readonly": "connection",
    "Connection is closed.": "connection",
    "Stream isn't writeable and enableOfflineQueue options is false": "connection",
    "Reached the max retries per request limit (which is 0).": "connection",
    "Command timed out": "timeout",
    "WRONGTYPE Operation against a key": "failed",
    "NOPERM this user has no permissions": "failed",
    "ERR user_script:1: attempt to index nil": "failed",
  };
  for (const [message, fault] of Object.entries(faults))
    expect(faultOf(new Error(message)), message).toBe(fault);
  expect(faultOf(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }))).toBe("connection");
  expect(faultOf("not an error")).toBe("failed");
});
