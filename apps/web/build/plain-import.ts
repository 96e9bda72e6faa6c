import type { Plugin } from "vite";

const dynamicImport = /\bimport\((["'`]\.\/[^"'`]+["'`])\)/g;
const loadAgain = "const loadAgain = (path) => import(path).catch(() => import(path + '?' + Date.now()));";

/**
 * Lets `import()` be just that. Vite wraps each one in code that preloads what the chunk needs and its style sheet; the
 * chunks here need nothing that is not there already, and there is one style sheet.
 *
 * One thing is added: a chunk that could not be loaded is tried under another address. Firefox remembers the failure of
 * an address as long as the page lives, so that a moment without a network would break the page until it is reloaded,
 * and a message written in it would be lost.
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
    renderChunk(code) {
      if (code.search(dynamicImport) < 0) return null;
      return { code: `${code.replaceAll(dynamicImport, "loadAgain($1)")}\n${loadAgain}`, map: null };
    },
  };
}
