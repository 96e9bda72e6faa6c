#!/usr/bin/env node
import { fstatSync, statSync } from "node:fs";
import { devNull } from "node:os";
import manifest from "../package.json" with { type: "json" };
import { exitCodes } from "./exit-codes.ts";
import { Stopped } from "./fault.ts";
import { run } from "./run.ts";

const stopping = new AbortController();
for (const [signal, exit] of [
  ["SIGINT", "stopped"],
  ["SIGTERM", "terminated"],
  ["SIGHUP", "hungUp"],
] as const) {
  process.on(signal, () => {
    // Somebody who asks again does not want to wait for what is being put in order. A terminal that goes asks twice by
    // itself: by the system, and by the shell.
    if (stopping.signal.aborted && signal !== "SIGHUP") process.exit(exitCodes[exit].code);
    stopping.abort(new Stopped(exit));
  });
}
// Each writer hears of its own fault; what is told beside the answer may go unheard.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const code = await run(process.argv.slice(2), {
  env: process.env,
  version: manifest.version,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  unheard: isNullDevice(1),
  signal: stopping.signal,
});
// Connections that are kept open, and a terminal, would keep the process; what was written to a pipe must leave first.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
);
process.exit(code);

/** Node opens a standard stream that it finds closed as the null device. False where the system cannot tell. */
function isNullDevice(descriptor: number): boolean {
  try {
    const { rdev } = fstatSync(descriptor);
    return rdev !== 0 && rdev === statSync(devNull).rdev;
  } catch {
    return false;
  }
}
