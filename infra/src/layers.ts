/**
 * Which package may import which. A package that can decrypt cannot store, and a package that stores cannot
 * decrypt. Apps import packages, never each other. The linter (biome.json) and pnpm refuse undeclared
 * imports, and the linter refuses relative paths out of a package.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { networkFaults } from "./network.ts";
import { dependenciesOf, readWorkspace, type WorkspacePackage } from "./workspace.ts";

/** The workspace packages that each package may declare. A package without a row is a fault. */
export const doors: Readonly<Record<string, readonly string[]>> = {
  mayfly: [],
  "@mayfly/crypto": [],
  "@mayfly/wire": [],
  "@mayfly/store": [],
  "@mayfly/lab": [],
  "@mayfly/client": ["@mayfly/crypto", "@mayfly/wire"],
  "@mayfly/config": ["@mayfly/wire", "@mayfly/store"],
  "@mayfly/web": ["@mayfly/client", "@mayfly/crypto", "@mayfly/wire"],
  "@mayfly/cli": ["@mayfly/client", "@mayfly/crypto", "@mayfly/wire"],
  "@mayfly/api": ["@mayfly/config", "@mayfly/store", "@mayfly/wire"],
  "@mayfly/worker": ["@mayfly/config", "@mayfly/store"],
  "@mayfly/infra": ["@mayfly/config"],
  "@mayfly/e2e": [
    "@mayfly/api",
    "@mayfly/cli",
    "@mayfly/client",
    "@mayfly/config",
    "@mayfly/crypto",
    "@mayfly/store",
    "@mayfly/web",
    "@mayfly/wire",
    "@mayfly/worker",
  ],
};

/**
 * What tests share: every package may list it in devDependencies, and sources import none of those
 * (biome.json).
 */
const LAB = "@mayfly/lab";

/** One sentence for each broken rule. */
export function layerFaults(root: string): readonly string[] {
  const packages = readWorkspace(root);
  return [
    ...packages.flatMap(declarationFaults),
    ...packages.flatMap(({ folder }) => (folder === "" ? [] : programFaults(root, folder))),
    ...networkFaults(root),
  ];
}

function declarationFaults({ folder, manifest }: WorkspacePackage): string[] {
  const allowed = doors[manifest.name];
  if (allowed === undefined) return [`${folder}: no rule says whom ${manifest.name} may import`];
  return dependenciesOf(manifest)
    .filter(([, name]) => (name === "mayfly" || name.startsWith("@mayfly/")) && !allowed.includes(name))
    .filter(([kind, name]) => name !== LAB || kind !== "devDependencies" || manifest.name === "mayfly")
    .map(
      ([kind, name]) => `${join(folder, "package.json")}: ${manifest.name} must not list ${name} (${kind})`,
    );
}

/** A worker or child program of another package, named by its place: no linter takes that for an import. */
function programFaults(root: string, folder: string): string[] {
  const files = globSync(`${folder}/{src,test,build,bench,chaos,vectors}/**/*.{ts,tsx,js,mjs}`, {
    cwd: root,
  });
  return files.sort().flatMap((file) => {
    const named = readFileSync(join(root, file), "utf8").matchAll(
      /\bnew URL\(\s*"(\.[^"\n]+\.[mc]?[jt]sx?)"/g,
    );
    return [...named]
      .map(([, place]) => place as string)
      .filter((place) => !join(dirname(file), place).startsWith(`${folder}/`))
      .map((place) => `${file}: leaves its package by ${place}`);
  });
}
