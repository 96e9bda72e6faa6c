/**
 * What the library shows to programs, out of the compiler's own declarations: one list, of which both the package's
 * `index.d.ts` and the reference are made. TypeScript 7 has no stable interface for programs yet, so its output is read
 * as the text that it always is: each statement begins at the margin, its documentation before it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../", import.meta.url));
const compiler = fileURLToPath(import.meta.resolve("typescript/package.json")).replace(
  "package.json",
  "bin/tsc",
);

/** One exported statement, or one that an exported one speaks of. */
export interface Declaration {
  readonly name: string;
  /** Its documentation, as a comment; "" where there is none. */
  readonly comment: string;
  /** The statement, beginning with `interface`, `type`, `declare function`, …, without `export`. */
  readonly statement: string;
  readonly exported: boolean;
}

/** The declarations that the client's index exports, and those that they speak of, in the order of the index. */
export function publicDeclarations(): readonly Declaration[] {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-declarations-"));
  try {
    return reachable(read(folder, "client"), (specifier) => {
      const name = /^@mayfly\/(\w+)$/.exec(specifier)?.[1];
      if (name === undefined) throw new Error(`the library must not export from ${specifier}`);
      return read(folder, name);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads a file of a package's declarations, by its path within `src`. */
type ReadFile = (path: string) => string;

function read(folder: string, name: string): ReadFile {
  const out = join(folder, name);
  const flags = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--stripInternal"];
  const places = ["--outDir", out, "--rootDir", join(packages, name)];
  execFileSync(process.execPath, [compiler, "-p", join(packages, name), ...flags, ...places]);
  return (path) => readFileSync(join(out, "src", path.replace(/\.ts$/, ".d.ts")), "utf8");
}

function reachable(ours: ReadFile, other: (specifier: string) => ReadFile): Declaration[] {
  const known = new Map<string, Declaration>();
  const exported = new Set<string>();
  const visited = new Set<string>();

  function visit(file: ReadFile, path: string, from: string): void {
    if (visited.has(`${from}/${path}`)) return;
    visited.add(`${from}/${path}`);
    const text = file(path);
    for (const declaration of declarationsIn(text)) {
      if (known.has(declaration.name)) throw new Error(`two declarations are called ${declaration.name}`);
      known.set(declaration.name, declaration);
    }
    for (const { specifier } of importsIn(text)) {
      if (specifier.startsWith("./")) visit(file, specifier.slice(2), from);
    }
  }

  for (const { specifier, names } of importsIn(ours("index.ts"))) {
    if (specifier.startsWith("./")) visit(ours, specifier.slice(2), "client");
    else visit(other(specifier), "index.ts", specifier);
    for (const name of names) exported.add(name);
  }

  const found = new Map<string, Declaration>();
  const take = (name: string): void => {
    const declaration = known.get(name);
    if (!declaration || found.has(name)) return;
    found.set(name, { ...declaration, exported: exported.has(name) });
    for (const word of declaration.statement.replace(/\/\*[\s\S]*?\*\//g, "").match(/[A-Za-z_$][\w$]*/g) ??
      [])
      take(word);
  };
  for (const name of exported) {
    if (!known.has(name)) throw new Error(`nothing declares ${name}`);
    take(name);
  }
  return [...found.values()];
}

function importsIn(text: string): { specifier: string; names: string[] }[] {
  return [...text.matchAll(/^(?:import|export)\b[^;{]*\{([^}]*)\} from "([^"]+)";$/gm)].map(
    ([, list, specifier]) => ({
      specifier: specifier as string,
      names: (list as string)
        .split(",")
        .map((name) => name.trim().replace(/^type /, ""))
        .filter((name) => name !== ""),
    }),
  );
}

const head = /^(?:export )?((?:declare )?(?:interface|type|(?:abstract )?class|function|const) ([\w$]+))/;

/** Every declaration of a file; what else stands in it is left out. */
export function declarationsIn(text: string): Declaration[] {
  const found: Declaration[] = [];
  let comment = "";
  // A statement goes on until something else begins at the margin.
  for (const [block] of text.matchAll(/^\S.*(?:\n(?:[ \t}\])|].*|\*\/)?(?=\n|$))*/gm)) {
    if (block.startsWith("/*")) {
      comment = block.trim();
      continue;
    }
    const [, , name] = head.exec(block) ?? [];
    if (name !== undefined) {
      found.push({ name, comment, statement: block.trim().replace(/^export /, ""), exported: false });
    }
    comment = "";
  }
  return found;
}
