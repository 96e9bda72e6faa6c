import { expect, it, onTestFinished } from "vitest";
import { descendantsOf, isRunning, residentBytes, socketCount } from "../src/processes.ts";
import { Running } from "../src/running.ts";
import { until } from "../src/until.ts";

it("sees a program's children and their children, and that they have ended", async () => {
  const shell = new Running("sh", ["-c", "sh -c 'read line; true'; true"], { stdin: "pipe", group: true });
  onTestFinished(() => shell.stop());
  const child = await until("the child", () =>
    descendantsOf(process.pid).find(({ command }) => command === "sh -c read line; true "),
  );
  expect(isRunning(child.pid)).toBe(true);
  expect(residentBytes(child.pid)).toBeGreaterThan(0);
  expect(socketCount(shell.pid)).toBeGreaterThan(0);
  shell.kill("SIGKILL");
  expect(await shell.ended).toBe("SIGKILL");
  await until("the child to end", () => !isRunning(child.pid));
});
