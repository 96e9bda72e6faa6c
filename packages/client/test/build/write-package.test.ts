import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTinyService } from "../tiny-service.ts";

const run = promisify(execFile);
const home = fileURLToPath(new URL("../../", import.meta.url));
const compiler = join(dirname(fileURLToPath(import.meta.resolve("typescript/package.json"))), "bin/tsc");

// The Node that runs the tests, and the one that the machine came with, which may be as old as 20.
const elsewhere = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .map((folder) => join(folder, "node"))
  .find(existsSync);
const nodes = [...new Set([process.execPath, ...(elsewhere === undefined ? [] : [elsewhere])])];

let folder: string;
let installed: string;
let manifest: { version: string; dependencies: Record<string, string> };
let tiny: Awaited<ReturnType<typeof startTinyService>>;

/** What `npm install` of the tarball would put into `node_modules`, but for asking a registry for what others wrote. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mayfly-package-"));
  const built = join(folder, "built");
  await run(process.execPath, [join(home, "build/write-package.ts"), built]);
  const { stdout } = await run("npm", ["pack", built, "--pack-destination", folder, "--loglevel=error"], {
    cwd: folder,
  });
  await run("tar", ["-xzf", join(folder, stdout.trim()), "-C", folder]);
  installed = join(folder, "program/node_modules/@mayfly/client");
  mkdirSync(dirname(installed), { recursive: true });
  cpSync(join(folder, "package"), installed, { recursive: true });
  manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const name of [...Object.keys(manifest.dependencies), "@types/node"]) {
    const place = join(folder, "program/node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    const owner = name === "@types/node" ? home : join(home, "node_modules/@mayfly/crypto");
    symlinkSync(join(owner, "node_modules", name), place);
  }
  cpSync(join(home, "test/build/program.mjs"), join(folder, "program/program.mjs"));
  tiny = await startTinyService();
}, 120_000);
afterAll(async () => {
  await tiny?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each(nodes)(
  "a program outside of the workspace works with it on %s",
  async (node) => {
    const { stdout } = await run(node, ["program.mjs", tiny.origin], { cwd: join(folder, "program") });
    expect(stdout).toBe("done\n");
  },
  120_000,
);

test("a strict TypeScript program is content with its declarations, and they with themselves", async () => {
  const options = {
    ...{ target: "es2022", module: "nodenext", lib: ["es2022"], types: ["node"], noEmit: true },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, allowJs: true, checkJs: true },
  };
  const config = { compilerOptions: options, files: ["program.mjs"] };
  writeFileSync(join(folder, "program/tsconfig.json"), JSON.stringify(config));
  const { stdout } = await run(process.execPath, [compiler, "-p", join(folder, "program")]).catch(
    (error) => error,
  );
  expect(stdout).toBe("");
}, 120_000);

test("it holds what it needs and says so: no workspace, no TypeScript, no path of this machine", () => {
  expect(manifest.dependencies).toEqual({
    "@noble/hashes": expect.stringMatching(/^\^\d/),
    tweetnacl: expect.stringMatching(/^\^\d/),
  });
  const names = readdirSync(installed, { recursive: true, encoding: "utf8" }).sort();
  expect(names.filter((name) => name.endsWith(".js"))).toEqual([
    "index.js",
    "passphrase-rules.js",
    "passphrase.js",
  ]);
  expect(names.filter((name) => /\.ts$/.test(name))).toEqual(["index.d.ts"]);
  expect(names).toEqual(
    expect.arrayContaining(["LICENSE", "README.md", "GUIDE.md", "generated/REFERENCE.md", "index.js.map"]),
  );
  for (const name of names.filter((each) => /\.\w+$/.test(each))) {
    const text = readFileSync(join(installed, name), "utf8");
    expect(text.includes(home) || text.includes(tmpdir()), name).toBe(false);
    // A map holds the sources as they were, with their own imports.
    if (!name.endsWith(".map")) expect(text, name).not.toMatch(/from "@mayfly\/(?!client")|workspace:/);
  }
  const map = JSON.parse(readFileSync(join(installed, "index.js.map"), "utf8"));
  expect(map.sources).toContain("client/src/protect.ts");
  expect(map.sourcesContent).toHaveLength(map.sources.length);
});
