import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Figure, Part } from "../figure.ts";

const DIST = fileURLToPath(new URL("../../../web/dist/", import.meta.url));
const ASSETS = join(DIST, "assets");

/** Beginnings of the file names that the build gives to what a view loads. */
const VIEWS = {
  "to send": ["compose-view-"],
  "to open a link": ["open-view-"],
} as const;

export const pagePart: Part = {
  name: "page",
  title: "What the page weighs",
  notes: [
    "As it comes over the wire, compressed with Brotli: the document, everything that every address loads at once, and the view. A passphrase loads 5 KB more, when it is typed; other languages, the QR code and what follows a press come when they are wanted.",
  ],
  async run() {
    if (!existsSync(join(DIST, "index.html"))) throw new Error("the page is not built: pnpm build");
    const document = readFileSync(join(DIST, "index.html"), "utf8");
    const named = [...document.matchAll(/\/assets\/([\w.-]+)/g)].map(([, name]) => name ?? "");
    const html = weight(join(DIST, "index.html"));
    const figures: Figure[] = [];
    for (const [subject, beginnings] of Object.entries(VIEWS)) {
      const view = readdirSync(ASSETS).filter(
        (name) => name.endsWith(".js") && beginnings.some((beginning) => name.startsWith(beginning)),
      );
      if (view.length !== beginnings.length) throw new Error(`the build has no view ${subject}`);
      const files = withImports([...named, ...view]);
      const of = (ending: RegExp) => {
        const chosen = files.filter((name) => ending.test(name));
        return chosen.reduce((sum, name) => sum + weight(join(ASSETS, name)), 0) / 1000;
      };
      const [script, style, rest] = [of(/\.js$/), of(/\.css$/), of(/\.(?!js$|css$)\w+$/)];
      figures.push(
        { subject, what: "script", value: script, unit: "KB" },
        { subject, what: "style", value: style, unit: "KB" },
        { subject, what: "all", value: script + style + rest + html / 1000, unit: "KB" },
      );
    }
    return figures;
  },
};

/** The files and what they import statically, each once. */
function withImports(names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const take = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    if (!name.endsWith(".js")) return;
    const text = readFileSync(join(ASSETS, name), "utf8");
    for (const [, imported] of text.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+)["'`]/g))
      take(imported ?? "");
  };
  for (const name of names) take(name);
  return [...found];
}

function weight(path: string): number {
  return statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
}
