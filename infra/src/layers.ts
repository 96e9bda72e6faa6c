/**
 * Who may import whom. What can decrypt cannot store, what stores cannot decrypt; apps import packages, never each other.
 * Checked twice: what each package declares (pnpm then refuses the rest), and what each source file really imports.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { importsOf } from "./imports.ts";
import { networkFaults } from "./network.ts";
import { dependenciesOf, readWorkspace, type WorkspacePackage } from "./workspace.ts";

/** For each package the workspace packages it may know, in sources and tests alike. One that is not listed is a fault. */
export const doors: Readonly<Record<string, readonly string[]>> = {
  mayfly: [],
  "@mayfly/crypto": [],
  "@mayfly/wire": [],
  "@mayfly/store": [],
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

const SOURCES = "**/*.{ts,tsx,mts,js,mjs}";
const SKIPPED = new Set(["node_modules", "dist", "generated"]);

/** One sentence for each broken rule; empty when the house stands. */
export function layerFaults(root: string): readonly string[] {
  const faults = readWorkspace(root).flatMap((each) => [
    ...declarationFaults(each),
    ...(each.folder === "" ? [] : importFaults(root, each)),
  ]);
  return [...faults, ...networkFaults(root)];
}

function declarationFaults({ folder, manifest }: WorkspacePackage): string[] {
  const allowed = doors[manifest.name];
  if (allowed === undefined) return [`${folder}: no rule says whom ${manifest.name} may import`];
  return dependenciesOf(manifest)
    .filter(([, name]) => isOurs(name) && !allowed.includes(name))
    .map(
      ([kind, name]) => `${join(folder, "package.json")}: ${manifest.name} must not list ${name} (${kind})`,
    );
}

function importFaults(root: string, { folder, manifest }: WorkspacePackage): string[] {
  const home = join(root, folder);
  const allowed = doors[manifest.name] ?? [];
  const declared = new Set(dependenciesOf(manifest).map(([, name]) => name));
  const files = globSync(SOURCES, { cwd: home, exclude: (name) => SKIPPED.has(name) }).sort();

  return files.flatMap((file) => {
    const where = join(folder, file);
    return importsOf(readFileSync(join(home, file), "utf8")).flatMap((specifier) => {
      if (specifier.startsWith(".")) {
        const target = relative(home, join(home, dirname(file), specifier));
        return target.startsWith("..") ? [`${where}: leaves its package by ${specifier}`] : [];
      }
      if (specifier.startsWith("/") || specifier.startsWith("file:"))
        return [`${where}: imports by an absolute path`];
      const name = packageOf(specifier);
      if (!isOurs(name) || name === manifest.name) return [];
      if (!allowed.includes(name)) return [`${where}: must not import ${name}`];
      return declared.has(name) ? [] : [`${where}: imports ${name} without declaring it`];
    });
  });
}

function isOurs(name: string): boolean {
  return name === "mayfly" || name.startsWith("@mayfly/");
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
