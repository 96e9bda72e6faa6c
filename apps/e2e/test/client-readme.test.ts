import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startKeeping } from "../src/keeping.ts";
import { type Service, startService } from "../src/service.ts";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../../../", import.meta.url));
const server = "https://mayfly.example";
const folder = temporaryFolder("readme");
const within = (...names: string[]) => join(folder.path, ...names);

// The guide continues the examples of the README.
const text = ["README.md", "GUIDE.md"]
  .map((name) => readFileSync(join(repository, "packages/client", name), "utf8"))
  .join("\n");
const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code as string);
// What a line prints stands behind it; "…" stands for anything.
const printed = [...blocks.join("").matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(
  ([, text]) => text as string,
);

let service: Service;

beforeAll(async () => {
  service = await startService(await startKeeping("sqlite"));
  for (const [name, place] of [
    ["@mayfly/client", "packages/client"],
    ["@types/node", "apps/e2e/node_modules/@types/node"],
  ] as const) {
    mkdirSync(dirname(within("node_modules", name)), { recursive: true });
    symlinkSync(join(repository, place), within("node_modules", name));
  }
  writeFileSync(within("package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(within("report.pdf"), Buffer.alloc(300_000, 7));
  writeFileSync(within("examples.ts"), blocks.join("\n"));
  writeFileSync(within("run.ts"), blocks.join("\n").replaceAll(server, service.origin));
});
afterAll(async () => {
  await service?.stop();
  folder.remove();
});

test("the client's README prints what it says, against a real service", async () => {
  expect(blocks.length).toBeGreaterThanOrEqual(7);
  const { stdout } = await run(process.execPath, ["--disable-warning=ExperimentalWarning", "run.ts"], {
    cwd: folder.path,
  });
  const lines = stdout.replaceAll(service.origin, server).trimEnd().split("\n");
  expect(lines).toEqual(printed.map((text) => expect.stringMatching(pattern(text))));
  expect(readFileSync(within("received.pdf")).equals(readFileSync(within("report.pdf")))).toBe(true);
  expect(readFileSync(within("key.pem"), "utf8")).toBe("-----BEGIN…");
}, 120_000);

test("the client's README is a strict TypeScript program", async () => {
  const options = {
    target: "es2022",
    module: "nodenext",
    lib: ["es2024"],
    types: ["node"],
    noEmit: true,
    strict: true,
  };
  const config = {
    compilerOptions: { ...options, allowImportingTsExtensions: true, exactOptionalPropertyTypes: true },
    files: ["examples.ts"],
  };
  writeFileSync(within("tsconfig.json"), JSON.stringify(config));
  const { stdout } = await run(join(repository, "node_modules/.bin/tsc"), ["-p", folder.path]).catch(
    (error) => error,
  );
  expect(stdout).toBe("");
}, 120_000);

function pattern(text: string): RegExp {
  const literal = text.split("…").map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`);
}
