/**
 * `pnpm --filter @mayfly/e2e schemathesis`: asks a running service, over each store, what schemathesis makes of its own
 * description (https://schemathesis.readthedocs.io, `pip install schemathesis`). Exit code 1 when it reports something or
 * is not installed. Not part of `pnpm test`, which has a fuzzer of its own beside this folder.
 */
import { fileURLToPath } from "node:url";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { keepings, startKeeping } from "../../../src/keeping.ts";
import { startService } from "../../../src/service.ts";

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** For each operation, in each of its phases. */
const EXAMPLES = process.env.EXAMPLES ?? "100";

/** Its exit code and what it said; null where it is not installed. */
async function schemathesis(args: readonly string[], cwd: string): Promise<[number, string] | null> {
  const running = new Running("schemathesis", args, {
    cwd,
    env: { SCHEMATHESIS_HOOKS: beside("hooks.py"), PYTHONDONTWRITEBYTECODE: "1" },
  });
  try {
    return [Number(await running.ended), running.output];
  } catch {
    return null;
  }
}

const folder = temporaryFolder("schemathesis");
const version = await schemathesis(["--version"], folder.path);
if (version === null || version[0] !== 0) {
  console.error("schemathesis is not installed, or does not start. `pip install schemathesis` gives it.");
  process.exit(1);
}
console.log(version[1].trim());
for (const kind of keepings) {
  const service = await startService(await startKeeping(kind), { env: { MAYFLY_PART_BYTES: "65536" } });
  const document = `${service.origin}/api/v1/openapi.json`;
  const settings = ["--config-file", beside("schemathesis.toml")];
  const run = ["run", document, "--max-examples", EXAMPLES, "--no-color"];
  const ran = await schemathesis([...settings, ...run], folder.path);
  await service.stop();
  const [code, said] = ran as [number, string];
  console.log(`over ${kind}:\n${said}`);
  if (code !== 0) process.exitCode = 1;
}
folder.remove();
