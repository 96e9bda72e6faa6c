import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { REPOSITORY, readWorkspace } from "../src/workspace.ts";
import { planted } from "./planted.ts";

const settings = readFileSync(join(REPOSITORY, "biome.json"), "utf8");

/** The rules that the linter finds broken in one file of a repository with our settings. */
async function broken(file: string, source: string): Promise<string[]> {
  const folder = file.split("/").slice(0, 2);
  const root = planted({
    "biome.json": settings,
    [`${folder.join("/")}/package.json`]: {
      name: `@mayfly/${folder[1]}`,
      dependencies: { fastify: "catalog:" },
    },
    [file]: source,
    "apps/api/src/back.ts": `import { thing } ${"from"} "./circle.ts";\nexport const back = thing;\n`,
  });
  const output = await new Promise<string>((resolve) => {
    execFile("biome", ["lint", "--colors=off", "--vcs-enabled=false"], { cwd: root }, (_error, out, faults) =>
      resolve(out + faults),
    );
  });
  return [...output.matchAll(/ lint\/\w+\/(\w+) /g)].map(([, rule]) => rule as string);
}

const importing = (specifier: string) => `import { a } ${"from"} ${JSON.stringify(specifier)};\na();\n`;

it.each([
  ["apps/api/src/a.ts", importing("@mayfly/crypto"), "noUndeclaredDependencies"],
  [
    "apps/api/test/a.ts",
    `import type { A } ${"from"} "@mayfly/crypto";\nexport let b: A;\n`,
    "noUndeclaredDependencies",
  ],
  ["apps/api/src/a.ts", `export * ${"from"} "@mayfly/crypto/passphrase";\n`, "noUndeclaredDependencies"],
  ["apps/api/src/a.ts", `${"import"} "@mayfly/crypto";\n`, "noUndeclaredDependencies"],
  ["apps/web/src/a.tsx", `await ${"import"}("@mayfly/store");\n`, "noUndeclaredDependencies"],
  ["packages/crypto/src/a.ts", `${"require"}("@mayfly/store");\n`, "noUndeclaredDependencies"],
  ["apps/web/src/a.ts", importing("../../api/src/app.ts"), "noRestrictedImports"],
  [
    "apps/web/test/b/a.ts",
    `await ${"import"}("../../../../packages/store/src/a.ts");\n`,
    "noRestrictedImports",
  ],
  ["apps/api/src/a.ts", importing("/somewhere/a.ts"), "noRestrictedImports"],
  ["apps/cli/src/a.ts", importing("node:https"), "noRestrictedImports"],
  ["packages/client/src/transport.ts", importing("node:net"), "noRestrictedImports"],
  ["apps/web/src/a.ts", `await ${"import"}("undici");\n`, "noRestrictedImports"],
  ["apps/api/src/circle.ts", `export { back as thing } ${"from"} "./back.ts";\n`, "noImportCycles"],
  ["apps/api/src/a.ts", "export {};\n".repeat(401), "noExcessiveLinesPerFile"],
])("the linter refuses in %s: %s", async (file, source, rule) => {
  expect(await broken(file, source)).toContain(rule);
});

it("the linter lets through what is declared, and what stays in its package", async () => {
  const source = `${importing("fastify")}export { b } ${"from"} "../../a/b.ts";\n`;
  expect(await broken("apps/api/src/c/d.ts", source)).toEqual([]);
});

it("the linter knows every package by its folder", () => {
  const known = /"\.\.\/\*\*\/\{([\w,]+)\}/.exec(settings)?.[1]?.split(",");
  const folders = readWorkspace(REPOSITORY).map(({ folder }) => folder.split("/").at(-1));
  expect(known?.sort()).toEqual(folders.filter((folder) => folder !== "").sort());
});
