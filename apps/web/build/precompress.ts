import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const compressible = /\.(?:html|js|css|svg)$/;

/** Lays a `.br` and a `.gz` beside every file of the finished page, so that the API compresses nothing while serving. */
export function precompress(): Plugin {
  let directory = "";
  let written = true;
  return {
    name: "mayfly:precompress",
    apply: "build",
    configResolved(config) {
      directory = resolve(config.root, config.build.outDir);
      written = config.build.write;
    },
    async closeBundle() {
      if (!written) return;
      const files = await readdir(directory, { recursive: true });
      for (const file of files.filter((name) => compressible.test(name))) {
        const path = join(directory, file);
        const bytes = await readFile(path);
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
        await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, quality));
        await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
      }
    },
  };
}
