import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning, kill } from "@mayfly/lab/processes";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { expect, it, onTestFinished, vi } from "vitest";
import { Program } from "../src/program.ts";

it("kills a program that does not stop by itself nine seconds after it was told to", async () => {
  const folder = temporaryFolder("program");
  const path = join(folder.path, "deaf.mjs");
  writeFileSync(
    path,
    'process.on("SIGTERM", () => process.send("told")).on("message", () => 0).send(process.pid);',
  );
  const heard: unknown[] = [];
  const program = new Program({
    name: "deaf program",
    path,
    meanwhile: "",
    say: () => undefined,
    onMessage: (message) => heard.push(message),
    isFinal: () => true,
  });
  program.start();
  await until(() => heard.length > 0);
  const pid = Number(heard[0]);
  onTestFinished(() => {
    kill(pid, "SIGKILL");
    folder.remove();
  });

  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const stopped = program.stop();
  vi.advanceTimersByTime(8_999);
  // It has heard of it, and nothing else has come since.
  await until(() => heard.at(-1) === "told");
  expect(isRunning(pid)).toBe(true);
  vi.advanceTimersByTime(1);
  await stopped;
  expect(isRunning(pid)).toBe(false);
});

/** Waits by turns of the event loop, whatever is made of the timers. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
