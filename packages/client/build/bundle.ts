/**
 * The library as other programs install it. Node takes no TypeScript from node_modules: so it holds one module with its
 * declarations and its map, in which our own packages are contained. What others wrote stays a dependency, so that it can
 * be audited and replaced.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type RolldownOutput, rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

export const home = fileURLToPath(new URL("../", import.meta.url));

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export function manifestOf(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The packages of others that our own ones import, at least as new as they are installed here. */
export function dependencies(): Record<string, string> {
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

/** All files of the library, made in memory; they would stand in `folder`. */
export async function bundle(folder: string): Promise<RolldownOutput["output"]> {
  const external = Object.keys(dependencies());
  const build = await rolldown({
    cwd: home,
    input: { index: "src/index.ts" },
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
    // Node 20, and the browsers of its time.
    transform: { target: "es2022" },
    // Oxc needs explicit types where TypeScript 7 would need its unstable interface.
    plugins: [dts({ cwd: home, generator: "oxc", oxc: { stripInternal: true }, tsconfig: "tsconfig.json" })],
  });
  try {
    const { output } = await build.generate({
      dir: folder,
      format: "es",
      sourcemap: true,
      entryFileNames: "[name].js",
      chunkFileNames: "[name].js",
      // The sources are in the map; where they stood on this machine is nobody's business.
      sourcemapPathTransform: (source, map) => relative(join(home, ".."), resolve(dirname(map), source)),
    });
    return output;
  } finally {
    await build.close();
  }
}

/** The text of `index.d.ts`. */
export async function declarationFile(): Promise<string> {
  const file = (await bundle(join(home, "dist"))).find(({ fileName }) => fileName === "index.d.ts");
  if (file?.type !== "chunk") throw new Error("the bundle has no declarations");
  return file.code;
}
