import type { Plugin } from "vite";

/**
 * Lets `import()` be just that. Vite wraps each one in code that preloads what the chunk needs and its style sheet; the
 * chunks here need nothing that is not there already, and there is one style sheet.
 */
export function plainImport(): Plugin {
  return {
    name: "mayfly:plain-import",
    apply: "build",
    enforce: "post",
    transform(_code, id) {
      if (!id.endsWith("vite/preload-helper.js")) return null;
      return { code: "export const __vitePreload = (load) => load();", map: null };
    },
  };
}
