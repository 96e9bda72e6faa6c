import { statfsSync } from "node:fs";
import { expect, test } from "vitest";
import { viewFileSystem } from "../../src/sqlite/file-system.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { freshDirectory } from "./opened.ts";

test.each([
  ["NFS", 0x6969],
  ["CIFS", 0xff534d42],
  ["CIFS, as a negative number", 0xff534d42 | 0],
  ["SMB2", 0xfe534d42],
  ["AFS", 0x5346414f],
])("%s is refused", (_name, type) => {
  expect(viewFileSystem(type).fault).toContain("The data directory is on a network file system");
});

test.each([
  ["FUSE, such as sshfs", 0x65735546],
  ["9P", 0x01021997],
])("%s is warned of", (_name, type) => {
  expect(viewFileSystem(type)).toEqual({ warning: expect.stringContaining("another machine's disk") });
});

test.each([
  ["ext4", 0xef53],
  ["XFS", 0x58465342],
  ["Btrfs", 0x9123683e],
  ["ZFS", 0x2fc12fc1],
  ["tmpfs", 0x01021994],
  ["overlayfs", 0x794c7630],
])("%s is taken", (_name, type) => {
  expect(viewFileSystem(type)).toEqual({});
});

test("the file system of the data directory is asked at the start", async () => {
  const directory = freshDirectory();
  const store = await openSqliteStore({ directory, capacityBytes: 1e6, busyTimeoutMs: 1_000 });
  const { warning } = viewFileSystem(statfsSync(directory).type);
  expect(store.warnings.includes(String(warning))).toBe(warning !== undefined);
  await store.close();
});
