import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { build, type Plugin, type Rollup } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const allowed = ["preact", "tweetnacl", "@noble/hashes", "uqr"];

let directory: string;
let chunks: Rollup.OutputChunk[];
const files = new Map<string, Buffer>();
/** What the bundler parsed, by module, after every plugin. */
const parsed = new Map<string, string | null>();
const keepSources: Plugin = {
  name: "keep-sources",
  moduleParsed: ({ id, code }) => void parsed.set(id, code),
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mayfly-page-"));
  const built = await build({
    root,
    logLevel: "error",
    plugins: [keepSources],
    build: { outDir: directory },
  });
  chunks = (built as Rollup.RollupOutput).output.filter((one) => one.type === "chunk");
  for (const name of await readdir(directory, { recursive: true })) {
    if (name.includes(".")) files.set(name, await readFile(join(directory, name)));
  }
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

const text = (name: string) => (files.get(name) as Buffer).toString();
const named = (pattern: RegExp) => [...files.keys()].filter((name) => pattern.test(name));

test("building again gives the same bytes under the same names", async () => {
  const again = await mkdtemp(join(tmpdir(), "mayfly-page-"));
  try {
    await build({ root, logLevel: "error", build: { outDir: again } });
    const names = (await readdir(again, { recursive: true })).filter((name) => name.includes("."));
    expect(names.sort()).toEqual([...files.keys()].sort());
    for (const name of names)
      expect((await readFile(join(again, name))).equals(files.get(name) as Buffer), name).toBe(true);
  } finally {
    await rm(again, { recursive: true, force: true });
  }
}, 60_000);

test("nothing stands inline in the document, and everything comes from this origin", () => {
  const html = text("index.html");
  expect(html).not.toMatch(/<style|style=|\son\w+=|javascript:|data:/i);
  expect([...html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map(([, inside]) => inside)).toEqual([
    "",
  ]);
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.length).toBe(3);
  for (const address of addresses) expect(address).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.(?:js|css|svg)$/);
});

test("no script makes code or markup out of text", () => {
  for (const name of named(/\.js$/)) {
    const code = text(name);
    expect(code, name).not.toMatch(
      /\beval\(|\bFunction\(|document\.write|insertAdjacentHTML|outerHTML|DOMParser|importScripts/,
    );
    expect(code, name).not.toMatch(
      /localStorage|sessionStorage|indexedDB|document\.cookie|serviceWorker|sendBeacon|XMLHttpRequest/,
    );
  }
});

test("innerHTML stands in the page as often as in Preact's own file, and nowhere else", async () => {
  const times = (code: string) => code.match(/innerHTML/g)?.length ?? 0;
  const preact = await readFile(new URL(import.meta.resolve("preact")), "utf8");
  expect(times(preact)).toBeGreaterThan(0);
  const entry = chunks.find(({ isEntry }) => isEntry)?.fileName as string;
  expect(named(/\.js$/).filter((name) => times(text(name)) > 0)).toEqual([entry]);
  expect(times(text(entry))).toBe(times(preact));
});

test("the views set no markup, no style attribute and no inline address", async () => {
  const source = join(root, "src");
  for (const name of (await readdir(source, { recursive: true })).filter((one) => /\.tsx?$/.test(one))) {
    const code = await readFile(join(source, name), "utf8");
    expect(code, name).not.toMatch(
      /dangerouslySetInnerHTML|innerHTML|\bstyle=|\.style\b|["'`(]data:|https?:\/\//,
    );
  }
});

test("there is one place that fetches, and one that starts a worker", () => {
  const code = named(/\.js$/).map(text).join("\n");
  expect(code.match(/globalThis\.fetch\(/g)).toHaveLength(1);
  expect(code.match(/new Worker\(/g)).toHaveLength(1);
});

test("no chunk is loaded but by the one way that tries a second address", () => {
  const code = named(/\.js$/).map(text);
  const loading = code.filter((each) => /\bimport\(/.test(each));
  expect(loading.length).toBeGreaterThan(1);
  for (const each of loading) {
    expect(each.match(/\bimport\(/g)).toHaveLength(2);
    expect(each).toMatch(/\bimport\((\w+)\)\.catch\(\(\)=>import\(\1\+`\?`\+Date\.now\(\)\)\)/);
  }
});

test("only the allowed packages are in the page", () => {
  const packages = new Set(
    chunks
      .flatMap(({ moduleIds }) => moduleIds)
      .flatMap((id) => id.match(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []),
  );
  expect([...packages].sort()).toEqual([...allowed].sort());
});

test("tweetnacl and the hashes reach the bundler as they were published", async () => {
  const modules = [...parsed].filter(([id]) => /\/node_modules\/(?:tweetnacl|@noble)\//.test(id));
  expect(modules.length).toBeGreaterThan(5);
  for (const [id, code] of modules) expect(code, id).toBe(await readFile(id, "utf8"));
});

test("each file has its compressed forms beside it, and they hold the same", () => {
  const plain = named(/\.(?:html|js|css|svg)$/);
  expect(plain.length).toBeGreaterThan(5);
  for (const name of plain) {
    expect(gunzipSync(files.get(`${name}.gz`) as Buffer).equals(files.get(name) as Buffer), name).toBe(true);
    expect(
      brotliDecompressSync(files.get(`${name}.br`) as Buffer).equals(files.get(name) as Buffer),
      name,
    ).toBe(true);
  }
});

test("no address is written in the code but the namespaces of SVG and one in an error of the bundler", () => {
  const addresses = named(/\.(?:js|css)$/).flatMap((name) => text(name).match(/https?:\/\/[\w./-]+/g) ?? []);
  // Rolldown's error for the `require("crypto")` of tweetnacl, which runs only where there is no Web Crypto.
  const allowed = /^http:\/\/www\.w3\.org\/|^https:\/\/rolldown\.rs\/in-depth\/bundling-cjs$/;
  expect(addresses.filter((address) => !allowed.test(address))).toEqual([]);
});

test("the licences of all that is bundled lie beside it, where the API serves them", () => {
  const listed = [...text("assets/licenses.txt").matchAll(/^## (\S+) - /gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(allowed.toSorted());
});
