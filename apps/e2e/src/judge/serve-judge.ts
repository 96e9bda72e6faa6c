import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { listen } from "@mayfly/lab/ports";
import { build } from "vite";

export interface ServedJudge {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the judge on a page of its own, bundled as the page is. */
export async function serveJudge(): Promise<ServedJudge> {
  const entry = fileURLToPath(new URL("in-browser.ts", import.meta.url));
  const output = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: entry, output: { codeSplitting: false, entryFileNames: "judge.js" } },
    },
  });
  const chunks = [output].flat().flatMap((each) => ("output" in each ? each.output : []));
  const script = chunks.find((chunk) => chunk.type === "chunk")?.code;
  if (script === undefined || chunks.length !== 1) throw new Error("the judge is not one script");

  const resolve = createRequire(import.meta.url).resolve;
  const server = createServer((request, response) => {
    const [, vectors] = /^\/([a-z]+)\.json$/.exec(request.url ?? "") ?? [];
    if (vectors !== undefined) {
      response.setHeader("Content-Type", "application/json");
      response.end(readFileSync(resolve(`@mayfly/crypto/vectors/${vectors}.json`)));
      return;
    }
    const isScript = request.url === "/judge.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script type="module" src="/judge.js"></script>');
  });
  const port = await listen(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}
