/** `node build/write-package.ts [FOLDER]`: writes the package as other programs install it, to `dist` unless told otherwise. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { bundle, dependencies, home, manifestOf } from "./bundle.ts";

const folder = resolve(process.argv[2] ?? join(home, "dist"));
const copied = ["README.md", "GUIDE.md", "generated/REFERENCE.md"];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const file of await bundle(folder)) {
  writeFileSync(join(folder, file.fileName), file.type === "chunk" ? file.code : file.source);
}
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
  files: ["*.js", "*.js.map", "index.d.ts", "GUIDE.md", "generated"],
  dependencies: dependencies(),
};
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
