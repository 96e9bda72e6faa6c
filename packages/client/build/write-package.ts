/**
 * `node build/write-package.ts [FOLDER]`: writes the package as other programs install it, to `dist` unless told
 * otherwise. Node takes no TypeScript from node_modules: so it holds one module, its declarations and its map, in which
 * our own packages are contained; what others wrote stays a dependency, so that it can be audited and replaced.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { publicDeclarations } from "./declarations.ts";

const home = fileURLToPath(new URL("../", import.meta.url));
const folder = resolve(process.argv[2] ?? join(home, "dist"));
const copied = ["README.md", "generated/REFERENCE.md"];

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8"));

/** The packages of others that our own ones import, as they are installed here: what was tested, and what mends it. */
function dependencies(): Record<string, string> {
  const found = new Map<string, string>();
  for (const our of ["crypto", "wire"]) {
    const place = join(home, "node_modules/@mayfly", our);
    for (const name of Object.keys(manifestOf(join(place, "package.json")).dependencies ?? {})) {
      found.set(name, `^${manifestOf(join(place, "node_modules", name, "package.json")).version}`);
    }
  }
  // The wire's schemas are not a part of the library.
  found.delete("typebox");
  return Object.fromEntries([...found].sort());
}

function declarations(): string {
  const statements = publicDeclarations().map(({ comment, statement, exported }) =>
    `${comment}\n${exported ? "export " : ""}${statement}`.trim(),
  );
  // Without this, every statement of a declaration file counts as exported.
  return `${statements.join("\n\n")}\n\nexport {};\n`;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const external = Object.keys(dependencies());
await build({
  root: home,
  configFile: false,
  logLevel: "error",
  build: {
    outDir: folder,
    emptyOutDir: true,
    // Node 20, and the browsers of its time.
    target: "es2022",
    minify: false,
    sourcemap: true,
    reportCompressedSize: false,
    lib: { entry: join(home, "src/index.ts"), formats: ["es"], fileName: () => "index.js" },
    rolldownOptions: {
      external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
      output: {
        chunkFileNames: "[name].js",
        // The sources are in the map; where they stood on this machine is nobody's business.
        sourcemapPathTransform: (source, map) => relative(join(home, ".."), resolve(dirname(map), source)),
      },
    },
  },
});
writeFileSync(join(folder, "index.d.ts"), declarations());
for (const name of copied) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  copyFileSync(join(home, name), join(folder, name));
}
copyFileSync(join(home, "../../LICENSE"), join(folder, "LICENSE"));
const { version, license, description } = manifestOf(join(home, "package.json"));
const manifest = {
  name: "@mayfly/client",
  version,
  license,
  description,
  type: "module",
  sideEffects: false,
  engines: { node: ">=20.3" },
  exports: { ".": { types: "./index.d.ts", default: "./index.js" }, "./package.json": "./package.json" },
  types: "./index.d.ts",
  files: ["*.js", "*.js.map", "index.d.ts", "generated"],
  dependencies: dependencies(),
};
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
