import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const LICENSE = new URL("../../../LICENSE", import.meta.url);
/** Vite's list of the licences of all bundled packages (`build.license`). */
export const COLLECTED = "licenses.md";

/**
 * Appends the licences of the bundled packages to the program: people copy that one file, and MIT wants its notice in
 * every copy. Our own licence is named there, and lies beside the program for the package.
 */
export function carryLicenses(): Plugin {
  return {
    name: "mayfly:carry-licenses",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const collected = bundle[COLLECTED];
        const [program] = Object.values(bundle).filter((file) => file.type === "chunk");
        if (collected?.type !== "asset" || program === undefined) throw new Error(`there is no ${COLLECTED}`);
        const ours = "Copyright 2026 The Mayfly maintainers\nSPDX-License-Identifier: Apache-2.0";
        const theirs = String(collected.source).trim().replaceAll("*/", "* /");
        program.code += `\n/*!\n${ours}\n\n${theirs}\n*/\n`;
        delete bundle[COLLECTED];
        this.emitFile({ type: "asset", fileName: "LICENSE", source: readFileSync(LICENSE, "utf8") });
      },
    },
  };
}
