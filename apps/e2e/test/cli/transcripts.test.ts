import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@mayfly/lab/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildCommandLine, createCommandLine } from "../../src/command-line.ts";
import { startKeeping } from "../../src/keeping.ts";
import { type Api, type Service, startApi, startService } from "../../src/service.ts";
import { oldestNode } from "../../src/system-node.ts";
import { Meanings, readTranscript, written } from "../../src/transcript.ts";
import { protectUnknown } from "../../src/unknown-secret.ts";

const FOLDER = fileURLToPath(new URL("../../../cli/test/transcripts", import.meta.url));
const transcripts = globSync(`${FOLDER}/*.txt`).sort();
const node = oldestNode();
/** Parts so small that a file of some size has several, and a limit that a test can exceed. */
const env = { MAYFLY_PART_BYTES: "65536", MAYFLY_ENVELOPE_MAX_BYTES: "1048576" };

let service: Service;
let halted: Api;
let nobody: string;
/** Links to secrets of an unknown kind, one for each time that one is opened. */
const unknown: Record<string, string> = {};
let bundle: Awaited<ReturnType<typeof buildCommandLine>>;
let stopHalted: () => Promise<void>;

beforeAll(async () => {
  bundle = await buildCommandLine();
  service = await startService(await startKeeping("sqlite"), { env });
  for (const name of ["unknown", "unknown 2", "unknown 3"])
    unknown[name] = await protectUnknown(service.origin, Uint8Array.of(0x68, 0xff, 0x0a, 0));
  const unswept = await startKeeping("sqlite");
  halted = await startApi(unswept);
  stopHalted = async () => {
    await halted.running.stop();
    await unswept.stop();
  };
  nobody = `http://127.0.0.1:${await freePort()}`;
});
afterAll(async () => {
  await stopHalted?.();
  await service?.stop();
  bundle?.remove();
});

test("there are transcripts", () => {
  expect(transcripts.length).toBeGreaterThan(10);
});

test.each(transcripts.map((path) => [basename(path, ".txt"), path]))(
  `on Node ${node.version} it goes as written in %s`,
  async (_name, path) => {
    const line = createCommandLine(node.path, bundle.file, { MAYFLY_SERVER: service.origin });
    const meanings = new Meanings({ server: service.origin, halted: halted.origin, nobody, ...unknown });
    try {
      for (const { command, stdin, expected } of readTranscript(readFileSync(path, "utf8"))) {
        const { stdout, stderr, code } = await line.shell(
          meanings.filled(command),
          stdin === undefined ? undefined : meanings.filled(stdin),
        );
        const came = written(stdout.toString(), stderr, code);
        expect([`$ ${command}`, ...meanings.recognised(came, expected)]).toEqual([
          `$ ${command}`,
          ...expected,
        ]);
      }
    } finally {
      line.remove();
    }
  },
  300_000,
);
