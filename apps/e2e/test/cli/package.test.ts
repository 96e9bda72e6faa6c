import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Folder, temporaryFolder } from "@mayfly/lab/temporary-folder";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createCommandLine } from "../../src/command-line.ts";
import { startKeeping } from "../../src/keeping.ts";
import { type Service, startService } from "../../src/service.ts";
import { oldestNode } from "../../src/system-node.ts";

const HOME = fileURLToPath(new URL("../../../cli", import.meta.url));
const manifest = JSON.parse(readFileSync(join(HOME, "package.json"), "utf8"));
const nodes = [oldestNode(), { path: process.execPath, version: process.versions.node }];

vi.setConfig({ testTimeout: 180_000 });

let service: Service;
let folder: Folder;
let packed: { filename: string; size: number; files: { path: string; mode: number }[] };
let installed: string;

beforeAll(async () => {
  service = await startService(await startKeeping("sqlite"));
  folder = temporaryFolder("package");
  const npm = (...args: string[]) =>
    execFileSync("npm", args, {
      cwd: HOME,
      encoding: "utf8",
      env: { ...process.env, HOME: folder.path, npm_config_update_notifier: "false" },
    });
  const told = npm("pack", "--json", "--pack-destination", folder.path);
  [packed] = JSON.parse(told.slice(told.indexOf("[\n"))) as [typeof packed];
  installed = join(folder.path, "prefix");
  mkdirSync(installed);
  // Offline: it needs nothing that is not in it.
  npm("install", "--global", "--offline", "--prefix", installed, join(folder.path, packed.filename));
});
afterAll(async () => {
  await service?.stop();
  folder?.remove();
});

/** The licences at the end of the program. */
function notices(): string {
  const program = readFileSync(join(HOME, "dist/mayfly.js"), "utf8");
  return program.split("SPDX-License-Identifier: Apache-2.0")[1] ?? "";
}

test("the package is one program and what is said of it, and depends on nothing", () => {
  expect(packed.files.map(({ path }) => path).sort()).toEqual([
    "README.md",
    "dist/LICENSE",
    "dist/mayfly.js",
    "package.json",
  ]);
  expect(manifest).not.toHaveProperty("dependencies");
  const licences = [readFileSync(join(HOME, "dist/LICENSE")), notices()].map((text) => gzipSync(text).length);
  expect(licences.reduce((size, bytes) => size - bytes, packed.size)).toBeLessThan(80_000);
  const imported = [
    ...readFileSync(join(HOME, "dist/mayfly.js"), "utf8").matchAll(/^import .* from "(.*)";$/gm),
  ].map(([, name]) => name);
  expect(imported.length).toBeGreaterThan(3);
  expect(imported.filter((name) => !name?.startsWith("node:"))).toEqual([]);
});

test("the one file carries the licences of all that is bundled into it", () => {
  expect([...notices().matchAll(/^## (\S+) - /gm)].map(([, name]) => name)).toEqual([
    "@noble/hashes",
    "tweetnacl",
    "uqr",
  ]);
  expect(notices().match(/^Copyright .*$/gm)).toHaveLength(3);
});

test.each(nodes)("once installed it runs on Node $version", async ({ path, version }) => {
  const bin = join(folder.path, `bin-${version}`);
  mkdirSync(bin, { recursive: true });
  execFileSync("ln", ["-sf", path, join(bin, "node")]);
  const line = createCommandLine("unused", "unused", { MAYFLY_SERVER: service.origin });
  const shell = (command: string, stdin?: string) =>
    line.shell(
      `export PATH='${join(installed, "bin")}:${bin}:${dirname("/bin/sh")}:/usr/bin'; ${command}`,
      stdin,
    );
  try {
    expect((await shell("node --version")).stdout.toString()).toBe(`v${version}\n`);
    expect((await shell("mayfly --version")).stdout.toString()).toBe(`mayfly ${manifest.version}\n`);

    const sent = await shell("mayfly protect --json --generate", "from a package\n");
    expect(sent.stderr).toBe("");
    const { link, passphrase } = JSON.parse(sent.stdout.toString()) as Record<string, string>;
    const opened = await shell(`mayfly open --passphrase-fd 3 3<<< '${passphrase}'`, link);
    expect([opened.stdout.toString(), opened.code]).toEqual(["from a package", 0]);
    expect(opened.stderr).toBe(
      "The service gives the secret to no further reader, and destroys it as soon as nobody else is still receiving it.\n",
    );
    expect((await shell("mayfly status", link)).stdout.toString()).toContain("opened and destroyed");
  } finally {
    line.remove();
  }
});
