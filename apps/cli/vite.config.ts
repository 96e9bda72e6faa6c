import { defineConfig } from "vite";
import { COLLECTED, carryLicenses } from "./build/carry-licenses.ts";

// One file with everything in it, so that it can be copied to where there is nothing but Node.
export default defineConfig({
  plugins: [carryLicenses()],
  ssr: { noExternal: true },
  build: {
    ssr: "src/main.ts",
    outDir: "dist",
    emptyOutDir: true,
    target: "node20",
    minify: false,
    reportCompressedSize: false,
    license: { fileName: COLLECTED },
    rolldownOptions: { output: { entryFileNames: "mayfly.js", codeSplitting: false } },
  },
});
