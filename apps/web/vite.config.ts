import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";
import { firstLoad } from "./build/first-load.ts";
import { plainImport } from "./build/plain-import.ts";

// The content policy allows no inline script, no inline style, no data: address and no eval: nothing may be inlined.
export default defineConfig({
  base: "/",
  // A .gz and a .br beside every file, for the API to send as they are.
  plugins: [plainImport(), compression({ logLevel: "silent" })],
  worker: { format: "es" },
  // Fixed here, so that the page does not depend on NODE_ENV.
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    license: { fileName: "assets/licenses.txt" },
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: firstLoad, debugName: "first load" }] } },
    },
  },
});
