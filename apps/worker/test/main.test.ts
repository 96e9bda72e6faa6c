import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

function running(environment: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-worker-"));
  const child = fork(MAIN, [], {
    cwd: folder,
    env: { ...process.env, DATA_DIR: join(folder, "data"), ...environment },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const told = { stderr: "", stdout: "" };
  child.stderr?.on("data", (bytes) => {
    told.stderr += bytes;
  });
  child.stdout?.on("data", (bytes) => {
    told.stdout += bytes;
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  return { child, told, folder, exit: exitOf(child) };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}

async function said(told: { stderr: string }, words: string): Promise<void> {
  for (let turn = 0; turn < 2_000 && !told.stderr.includes(words); turn += 1) await wait(20);
  expect(told.stderr).toContain(words);
}

describe("the worker's process", { timeout: 60_000 }, () => {
  it.each([
    ["on SIGTERM", (child: ChildProcess) => child.kill("SIGTERM")],
    ["on SIGINT", (child: ChildProcess) => child.kill("SIGINT")],
    ["when the process that started it is gone", (child: ChildProcess) => child.disconnect()],
  ])("sweeps at start, and ends in good order %s", async (_when, end) => {
    const { child, told, exit } = running({});
    await said(told, '"event":"sweep_complete"');
    end(child);
    expect(await exit).toBe(0);
    await said(told, '"event":"stopped"');
    expect(told.stdout).toBe("");
  });

  it("ends in good order when it is told to before it has begun", async () => {
    const { child, exit } = running({});
    child.disconnect();
    expect(await exit).toBe(0);
  });

  it("lists what is wrong with its configuration, and opens nothing", async () => {
    const { told, folder, exit } = running({ MAYFLY_LEASE: "1", LOG_LEVEL: "loud" });
    expect(await exit).toBe(1);
    await said(told, "MAYFLY_LEASE: no such variable");
    await said(told, "LOG_LEVEL: must be one of");
    expect(existsSync(join(folder, "data"))).toBe(false);
  });
});
