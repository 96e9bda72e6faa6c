import { describe, expect, it } from "vitest";
import { doors, layerFaults } from "../src/layers.ts";
import { REPOSITORY, readWorkspace } from "../src/workspace.ts";
import { planted } from "./planted.ts";

const workspace = "workspace:*";
/** Put together, so that the check does not take these plants for imports of this very file. */
const importing = (specifier: string) => `import { thing } ${"from"} ${JSON.stringify(specifier)};\n`;

describe("the layer check", () => {
  it("finds this repository in order", () => {
    expect(layerFaults(REPOSITORY)).toEqual([]);
    expect(readWorkspace(REPOSITORY).length).toBeGreaterThan(9);
  });

  it.each([
    ["apps/api", "@mayfly/api", "@mayfly/crypto"],
    ["apps/worker", "@mayfly/worker", "@mayfly/api"],
    ["apps/web", "@mayfly/web", "@mayfly/store"],
    ["packages/crypto", "@mayfly/crypto", "@mayfly/store"],
    ["packages/store", "@mayfly/store", "@mayfly/crypto"],
    ["packages/wire", "@mayfly/wire", "@mayfly/store"],
    ["packages/client", "@mayfly/client", "@mayfly/config"],
    ["infra", "@mayfly/infra", "@mayfly/api"],
  ])("refuses that %s declares what is behind a closed door", (folder, name, forbidden) => {
    for (const kind of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]) {
      const root = planted({ [`${folder}/package.json`]: { name, [kind]: { [forbidden]: workspace } } });
      expect(layerFaults(root)).toEqual([
        `${folder}/package.json: ${name} must not list ${forbidden} (${kind})`,
      ]);
    }
  });

  it("refuses that the root lists a package, because then everyone could import it", () => {
    const root = planted({
      "package.json": { name: "mayfly", devDependencies: { "@mayfly/crypto": workspace } },
    });
    expect(layerFaults(root)).toEqual([
      "package.json: mayfly must not list @mayfly/crypto (devDependencies)",
    ]);
  });

  it("refuses a package that no rule names", () => {
    expect(layerFaults(planted({ "packages/odd/package.json": { name: "@mayfly/odd" } }))).toEqual([
      "packages/odd: no rule says whom @mayfly/odd may import",
    ]);
  });

  it.each([
    ["a static import", importing("@mayfly/crypto")],
    ["a type import", `import type { A } ${"from"} "@mayfly/crypto";`],
    ["an import over several lines", `import {\n  a,\n  b,\n} ${"from"} '@mayfly/crypto';`],
    ["a re-export", `export * ${"from"} "@mayfly/crypto";`],
    ["a bare import", `${"import"} "@mayfly/crypto";`],
    ["a sub-path", importing("@mayfly/crypto/passphrase")],
    ["a dynamic import", `await ${"import"}("@mayfly/crypto");`],
    ["a require", `${"require"}("@mayfly/crypto");`],
    ["an import after a comment", `// told you\n/* so */ ${importing("@mayfly/crypto")}`],
  ])("finds %s of a forbidden package", (_what, source) => {
    for (const file of ["src/a/b.ts", "test/c.test.ts", "src/view.tsx"]) {
      const root = planted({
        "apps/api/package.json": { name: "@mayfly/api" },
        [`apps/api/${file}`]: source,
      });
      expect(layerFaults(root)).toEqual([`apps/api/${file}: must not import @mayfly/crypto`]);
    }
  });

  it.each([
    ["an import", importing("../../api/src/app.ts")],
    ["an import from deeper down", `await ${"import"}("../../api/src/app.ts");`],
    ["a child program", `fork(${"new"} URL("../../api/src/app.ts", import.meta.url));`],
  ])("finds %s that leaves its package by a relative path", (_what, source) => {
    const root = planted({
      "apps/web/package.json": { name: "@mayfly/web" },
      "apps/web/src/page.ts": source,
    });
    expect(layerFaults(root)).toEqual(["apps/web/src/page.ts: leaves its package by ../../api/src/app.ts"]);
  });

  it("finds an allowed package that is not declared", () => {
    const root = planted({
      "apps/api/package.json": { name: "@mayfly/api", dependencies: { "@mayfly/store": workspace } },
      "apps/api/src/a.ts": importing("@mayfly/store") + importing("@mayfly/wire"),
    });
    expect(layerFaults(root)).toEqual(["apps/api/src/a.ts: imports @mayfly/wire without declaring it"]);
  });

  it("lets through what is allowed, and what is only talked about", () => {
    const root = planted({
      "apps/api/package.json": { name: "@mayfly/api", dependencies: { "@mayfly/store": workspace } },
      "apps/api/src/a.ts": [
        importing("@mayfly/store"),
        importing("./b.ts"),
        importing("../package.json"),
        importing("fastify"),
        `// ${importing("@mayfly/crypto")}`,
        `/* ${importing("@mayfly/crypto")} */`,
      ].join(""),
      "apps/api/node_modules/other/index.js": importing("@mayfly/crypto"),
      "apps/api/dist/index.js": importing("@mayfly/crypto"),
    });
    expect(layerFaults(root)).toEqual([]);
  });

  it("opens no door between what decrypts and what stores", () => {
    const reach = (name: string): Set<string> =>
      new Set([name, ...(doors[name] ?? []).flatMap((next) => [...reach(next)])]);
    for (const name of Object.keys(doors).filter((each) => each !== "@mayfly/e2e")) {
      const both = reach(name).has("@mayfly/crypto") && reach(name).has("@mayfly/store");
      expect(both, name).toBe(false);
    }
  });
});
