import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const SAMPLE = new URL("sample-process.ts", import.meta.url).pathname;

/** The program's exit code, and all that it said. `onStarted` is called once it has started. */
async function run(
  act: string,
  environment: Record<string, string> = {},
  onStarted: (child: ChildProcess) => void = () => {},
): Promise<{ code: number | null; said: string; events: (string | undefined)[] }> {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-process-"));
  const child = fork(SAMPLE, [act], {
    env: { ...process.env, DATA_DIR: join(folder, "data"), ...environment },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  let said = "";
  let started = false;
  const { stderr } = child;
  if (stderr === null) throw new Error("no pipe");
  stderr.on("data", (bytes) => {
    said += bytes;
    if (started || !said.includes('"event":"started"')) return;
    started = true;
    onStarted(child);
  });
  const [[code]] = await Promise.all([
    once(child, "exit") as Promise<[number | null]>,
    once(stderr, "close"),
  ]);
  const events = said.split("\n").map((line) => /"event":"(\w+)"/.exec(line)?.[1]);
  return { code, said, events: events.filter((event) => event !== undefined && event !== "store") };
}

describe("a process", { timeout: 30_000 }, () => {
  it.each([
    ["on SIGTERM", (child: ChildProcess) => child.kill("SIGTERM")],
    ["on SIGINT", (child: ChildProcess) => child.kill("SIGINT")],
    ["when the process that started it is gone", (child: ChildProcess) => child.disconnect()],
  ])("closes its parts %s, the last one first, and ends with 0", async (_when, end) => {
    const { code, events } = await run("run", {}, end);
    expect(code).toBe(0);
    expect(events).toEqual(["started", "closed_second_part", "closed_first_part", "stopped"]);
  });

  it("ends in good order when it is told to stop while it starts", async () => {
    const { code, said, events } = await run("stop_in_start");
    expect(code).toBe(0);
    expect(events).toEqual(["closed_second_part", "closed_first_part", "stopped"]);
    expect(said).not.toContain("mayfly worker:");
  });

  it.each([
    ["throw", "SyntaxError"],
    ["reject", "TypeError"],
  ])(
    "says the class of an error that nobody caught (%s) and no word of it, and ends with 70",
    async (act, name) => {
      const { code, said, events } = await run(act);
      expect(code).toBe(70);
      expect(events).toEqual(["started", "crashed"]);
      expect(said).toContain(`"event":"crashed","code":"${name}"`);
      expect(said).not.toContain("words");
    },
  );

  it.each([
    ["refuse", {}, 1, "mayfly worker: cannot start (EACCES)\n"],
    ["take_port", {}, 98, "mayfly worker: cannot start (EADDRINUSE)\n"],
    ["run", { LOG_LEVEL: "loud" }, 1, "mayfly worker: LOG_LEVEL: must be one of: error, warn, info\n"],
    ["run", { DATA_DIR: "/dev/null/data" }, 1, "mayfly worker: "],
  ])("says why it cannot start (%s, %o), and ends with %i", async (act, environment, expected, words) => {
    const { code, said } = await run(act, environment);
    expect(code).toBe(expected);
    expect(said).toContain(words);
    expect(said).not.toContain("a sender");
    expect(said).not.toContain("    at ");
  });
});
