import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, isFree, listen } from "@mayfly/lab/ports";
import { descendantsOf, kill } from "@mayfly/lab/processes";
import { until } from "@mayfly/lab/until";
import { describe, expect, it, onTestFinished } from "vitest";
import { gone, RunningMayfly, START } from "./running-mayfly.ts";

const isReady = async (address: string) => {
  const answer = await fetch(`${address}/readyz`).catch(() => null);
  return answer?.ok === true;
};

describe("pnpm start", { timeout: 120_000 }, () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "prints the one address to open, and on %s stops both processes and frees the port",
    async (signal) => {
      const mayfly = new RunningMayfly({});
      const address = await mayfly.ready();
      expect(await isReady(address)).toBe(true);
      expect(statSync(join(mayfly.folder, "data")).mode & 0o777).toBe(0o700);
      const children = [await mayfly.running("api"), await mayfly.running("worker")];

      kill(mayfly.pid, signal);
      expect(await mayfly.ended).toBe(0);
      await gone(...children);
      expect(await isFree(Number(new URL(address).port))).toBe(true);
      expect(mayfly.stdout).toBe(`Mayfly is ready: ${address}\n`);
    },
  );

  it("starts a killed worker again, and says so in one line", async () => {
    const mayfly = new RunningMayfly({});
    const address = await mayfly.ready();
    const worker = await mayfly.running("worker");
    const api = await mayfly.running("api");
    kill(worker, "SIGKILL");
    await mayfly.said(
      "The worker ended (killed by SIGKILL) and starts again in 1 s. " +
        "The service halts if no sweep completes in time.\n",
    );
    expect(await mayfly.running("worker", worker)).not.toBe(worker);
    expect(await mayfly.running("api")).toBe(api);
    expect(await isReady(address)).toBe(true);
  });

  it("starts a killed API again on its port, and prints the address no second time", async () => {
    const port = await freePort();
    const mayfly = new RunningMayfly({ PORT: String(port) });
    const address = await mayfly.ready();
    expect(address).toBe(`http://localhost:${port}`);
    const api = await mayfly.running("api");
    const worker = await mayfly.running("worker");
    kill(api, "SIGKILL");
    await mayfly.said("The API ended (killed by SIGKILL) and starts again in 1 s.");
    await mayfly.running("api", api);
    await until(
      () => mayfly.stderr,
      () => isReady(address),
    );
    expect(await mayfly.running("worker")).toBe(worker);
    expect(mayfly.stdout).toBe(`Mayfly is ready: ${address}\n`);
  });

  it("leaves no process behind when it is killed itself", async () => {
    const mayfly = new RunningMayfly({});
    await mayfly.ready();
    const children = [await mayfly.running("api"), await mayfly.running("worker")];
    kill(mayfly.pid, "SIGKILL");
    await gone(...children);
  });

  it.each([
    ["npx, and pnpm lives on", 0],
    ["the shell between npx and pnpm", 1],
    ["pnpm", 2],
    ["the shell between pnpm and us", 3],
  ])("stops when whoever ran it is killed: %s", async (_who, victim) => {
    const folder = mkdtempSync(join(tmpdir(), "mayfly-managers-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const manager = `require("node:child_process").spawn("sh", ["-c", 'trap : INT; "$0" "$@"; exit', process.execPath, ...process.argv.slice(2)], { stdio: "inherit" })`;
    for (const name of ["npx.cjs", "pnpm.cjs"]) writeFileSync(join(folder, name), manager);
    const mayfly = new RunningMayfly({}, process.execPath, [
      join(folder, "npx.cjs"),
      join(folder, "pnpm.cjs"),
      START,
    ]);
    await mayfly.ready();
    const chain = [mayfly.pid, ...descendantsOf(mayfly.pid).map(({ pid }) => pid)];
    expect(chain).toHaveLength(7);
    const ours = [chain[4] ?? 0, await mayfly.running("api"), await mayfly.running("worker")];
    kill(chain[victim] ?? 0, "SIGKILL");
    await gone(...ours);
  });

  it("stays when the shell that started it in the background ends", async () => {
    const mayfly = new RunningMayfly(
      {},
      "sh",
      ["-c", '"$0" "$1" & read line', process.execPath, START],
      "pipe",
    );
    const address = await mayfly.ready();
    const start = descendantsOf(mayfly.pid)[0]?.pid ?? 0;
    const api = await mayfly.running("api");
    const worker = await mayfly.running("worker");
    kill(mayfly.pid, "SIGKILL");
    await gone(mayfly.pid);
    const began = performance.now();
    await until(
      () => "two looks",
      () => performance.now() - began > 1_200,
    );
    expect(await isReady(address)).toBe(true);
    kill(start, "SIGTERM");
    await gone(start, api, worker);
  });

  it("kills a process that does not stop by itself, and ends", async () => {
    const mayfly = new RunningMayfly({});
    await mayfly.ready();
    const children = [await mayfly.running("api"), await mayfly.running("worker")];
    for (const child of children) kill(child, "SIGSTOP");
    kill(mayfly.pid, "SIGINT");
    expect(await mayfly.ended).toBe(0);
    await gone(...children);
  });

  it("lists every fault of the configuration, by name and without values, and starts nothing", async () => {
    const mayfly = new RunningMayfly({ PORT: "http", MAYFLY_LEASE: "1", LOG_LEVEL: "canary" });
    expect(await mayfly.ended).toBe(1);
    expect(mayfly.stderr).toContain("  PORT: must be a whole number");
    expect(mayfly.stderr).toContain("  MAYFLY_LEASE: no such variable");
    expect(mayfly.stderr).toContain("  LOG_LEVEL: must be one of");
    expect(mayfly.stderr).not.toContain("canary");
    expect(mayfly.stdout).toBe("");
    expect(existsSync(join(mayfly.folder, "data"))).toBe(false);
  });

  it("says in a plain sentence that the port is taken, and gives up", async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    const port = await listen(server);
    const mayfly = new RunningMayfly({ PORT: String(port) });
    expect(await mayfly.ended).toBe(1);
    expect(mayfly.stderr).toContain(`Port ${port} on 127.0.0.1 is taken by another program.`);
    expect(mayfly.stderr).not.toContain("again in");
    expect(mayfly.stdout).toBe("");
  });

  it("gives up when the store refuses to open", async () => {
    const mayfly = new RunningMayfly({ DATA_DIR: "open-to-all" });
    mkdirSync(join(mayfly.folder, "open-to-all"));
    chmodSync(join(mayfly.folder, "open-to-all"), 0o777);
    expect(await mayfly.ended).toBe(1);
    expect(mayfly.stderr).toContain("The API refused to start.");
    expect(mayfly.stdout).toBe("");
  });
});
