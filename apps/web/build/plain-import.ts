import type { Plugin } from "vite";

const dynamicImport = /\bimport\((["'`]\.\/[^"'`]+["'`])\)/g;
// A declaration, hoisted: the entry imports before its last line has run.
const loadAgain =
  "function loadAgain(path) { return import(path).catch(() => import(path + '?' + Date.now())); }";

/**
 * Replaces Vite's wrapper around `import()`, which preloads style sheets and imported chunks. This page has one style
 * sheet, and its chunks import only what is loaded already.
 *
 * A chunk that fails to load is tried again under a second address, because Firefox caches the failure of a module
 * address until the page is reloaded. A reload would lose the message that the person has written.
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
