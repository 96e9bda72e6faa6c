import { defineConfig } from "vite";

// One file with everything in it, so that it can be copied to where there is nothing but Node.
export default defineConfig({
  ssr: { noExternal: true },
  build: {
    ssr: "src/main.ts",
    outDir: "dist",
    emptyOutDir: true,
    target: "node20",
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: { output: { entryFileNames: "mayfly.js", codeSplitting: false } },
  },
});
