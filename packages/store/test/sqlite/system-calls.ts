import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";

/** What a program did to the files of its data directory, in its own order, and what it said meanwhile. */
export type Operation =
  | { readonly kind: "create"; readonly file: string }
  | { readonly kind: "write"; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  | { readonly kind: "sync"; readonly file: string }
  /** The directory: from now on the files that were made in it are there. */
  | { readonly kind: "syncDirectory" }
  | { readonly kind: "say"; readonly text: string };

/** What can be done to a file besides; none of it may go unnoticed. */
const CALLS = [
  "openat",
  "pwrite64",
  "write",
  "pwritev",
  "writev",
  "ftruncate",
  "fallocate",
  "fsync",
  "fdatasync",
];
const NEVER = ["unlink", "unlinkat", "rename", "renameat2", "sync_file_range", "msync"];

/**
 * Runs traced.ts under strace. Only its main thread is watched: `node:sqlite` does all its work there, and the program
 * says its steps there. The index of the log (`-shm`) is left out: it is made anew after a power loss.
 */
export function operationsOf(directory: string, synchronous: string): readonly Operation[] {
  const folder = temporaryFolder("trace");
  const log = join(folder.path, "calls");
  const program = fileURLToPath(new URL("traced.ts", import.meta.url));
  const watch = ["-y", "-xx", "-s", "200000", "-e", `trace=${[...CALLS, ...NEVER].join(",")}`, "-o", log];
  try {
    const run = spawnSync("strace", [...watch, process.execPath, program, directory, synchronous]);
    if (run.error) throw new Error("strace is not installed", { cause: run.error });
    if (run.status !== 0) throw new Error(`the traced program failed: ${run.stderr}`);
    return readFileSync(log, "latin1")
      .split("\n")
      .flatMap((line) => operation(line, directory) ?? []);
  } finally {
    folder.remove();
  }
}

function operation(line: string, directory: string): Operation | null {
  const [, call = "", rest = "", result = ""] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(line) ?? [];
  if (!call || Number(result) < 0) return null;
  if (call === "openat") return created(rest, directory);
  const [, fd, hexPath = "", values = ""] = /^(\d+)<([^>]*)>(?:, )?(.*)$/.exec(rest) ?? [];
  if (call === "write" && fd === "1") return { kind: "say", text: text(values).trim() };
  const path = text(hexPath);
  if (path === directory && call === "fsync") return { kind: "syncDirectory" };
  const file = basename(path);
  if (dirname(path) !== directory || file.endsWith("-shm")) return null;
  if (call === "fsync" || call === "fdatasync") return { kind: "sync", file };
  if (call === "ftruncate") return { kind: "truncate", file, size: Number(values) };
  const [, bytes = "", length, offset] = /^"([^"]*)", (\d+), (\d+)$/.exec(values) ?? [];
  if (call !== "pwrite64" || length === undefined || length !== result)
    throw new Error(`unforeseen: ${call}`);
  return {
    kind: "write",
    file,
    offset: Number(offset),
    bytes: Buffer.from(bytes.replaceAll("\\x", ""), "hex"),
  };
}

function created(rest: string, directory: string): Operation | null {
  const path = text(/"([^"]*)"/.exec(rest)?.[1] ?? "");
  const isLog = rest.includes("O_CREAT") && dirname(path) === directory && path.endsWith("-wal");
  return isLog ? { kind: "create", file: basename(path) } : null;
}

function text(hex: string): string {
  return Buffer.from(hex.replaceAll(/\\x|"/g, ""), "hex").toString();
}
