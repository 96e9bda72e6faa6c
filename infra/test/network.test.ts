import { describe, expect, it } from "vitest";
import { layerFaults } from "../src/layers.ts";
import { networkFaults } from "../src/network.ts";
import { REPOSITORY } from "../src/workspace.ts";
import { planted } from "./planted.ts";

describe("the network check", () => {
  it("finds this repository in order", () => {
    expect(networkFaults(REPOSITORY)).toEqual([]);
  });

  it.each([
    ["fetch", "await fetch(address);"],
    ["fetch", "const { fetch: ask } = globalThis;"],
    ["XMLHttpRequest", "new XMLHttpRequest();"],
    ["sendBeacon", "navigator.sendBeacon(address);"],
  ])("finds %s in the page and the command line", (name, source) => {
    for (const app of ["web", "cli"]) {
      const files = {
        [`apps/${app}/package.json`]: { name: `@mayfly/${app}` },
        [`apps/${app}/src/deep/view.tsx`]: source,
      };
      expect(layerFaults(planted(files))).toEqual([
        `apps/${app}/src/deep/view.tsx: speaks to the network by ${name}, past the client's transport`,
      ]);
    }
  });

  it("lets the transport send, words be words, and the service serve", () => {
    const files = {
      "packages/client/src/transport.ts": "await fetch(address);",
      "apps/web/src/words.ts": "// fetch is not called here",
      "apps/api/src/app.ts": `import { createServer } ${"from"} "node:http";`,
    };
    expect(networkFaults(planted(files))).toEqual([]);
  });
});
