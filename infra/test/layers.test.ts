import { describe, expect, it } from "vitest";
import { doors, layerFaults } from "../src/layers.ts";
import { REPOSITORY, readWorkspace } from "../src/workspace.ts";
import { planted } from "./planted.ts";

const workspace = "workspace:*";

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

  it("finds a child program that is in another package", () => {
    const root = planted({
      "apps/web/package.json": { name: "@mayfly/web" },
      "apps/web/src/page.ts": `fork(${"new"} URL("../../api/src/app.ts", import.meta.url));`,
      "apps/web/src/own.ts": `fork(${"new"} URL("../test/app.ts", import.meta.url));`,
    });
    expect(layerFaults(root)).toEqual(["apps/web/src/page.ts: leaves its package by ../../api/src/app.ts"]);
  });

  it("lets a package have the laboratory for its tests, and not for its programs", () => {
    for (const [kind, faults] of [
      ["devDependencies", []],
      ["dependencies", ["apps/api/package.json: @mayfly/api must not list @mayfly/lab (dependencies)"]],
    ] as const) {
      const manifest = { name: "@mayfly/api", [kind]: { "@mayfly/lab": workspace } };
      expect(layerFaults(planted({ "apps/api/package.json": manifest }))).toEqual(faults);
    }
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
