import { defineConfig } from "vite";
import { firstLoad } from "./build/first-load.ts";
import { muteErrors } from "./build/mute-errors.ts";
import { plainImport } from "./build/plain-import.ts";
import { precompress } from "./build/precompress.ts";
import { secretboxOnly } from "./build/secretbox-only.ts";

/** What changes the page's code on its way; also for whoever bundles a part of it to judge it. */
export const codePlugins = () => [secretboxOnly(), muteErrors(), plainImport()];

// The policy of the API's headers allows no inline script or style, no data: and no eval: nothing may be inlined here.
export default defineConfig({
  base: "/",
  plugins: [...codePlugins(), precompress()],
  worker: { format: "es" },
  // Said here, so that the page does not depend on NODE_ENV.
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: firstLoad, debugName: "first load" }] } },
    },
  },
});
