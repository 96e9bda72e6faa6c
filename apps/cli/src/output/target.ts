import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault, Stopped } from "../fault.ts";
import type { Terminal } from "../input/terminal.ts";
import { NewFile, writing } from "./new-file.ts";

/** Where a secret goes, as far as that is known before it is opened. */
export type Target =
  /** Standard output for what is one thing, and the current folder for what is more, or is not for a terminal. */
  | { kind: "usual" }
  | { kind: "stdout" }
  /** `replaced`: what stands there, and may go. */
  | { kind: "file"; path: string; replaced: boolean }
  | { kind: "folder"; path: string };

/**
 * What `--output` means. Whatever can be found out beforehand is: that the place can be written to, and whether a file
 * there may be replaced; a read is not spent on a place that takes nothing. Throws Fault "output".
 */
export async function targetOf(output: string | undefined, terminal: Terminal): Promise<Target> {
  if (output === undefined) return { kind: "usual" };
  if (output === "-") return { kind: "stdout" };
  if (output === "") throw new Fault("usage", "--output needs a path.");
  const wantsFolder = /[/\\]$/.test(output);
  if (wantsFolder) await writing(() => mkdir(output, { recursive: true, mode: 0o700 }));
  const there = await stat(output).catch(() => null);
  if (there?.isDirectory()) return { kind: "folder", path: await writable(output) };
  if (there && !there.isFile())
    throw new Fault("output", "What --output names is neither a file nor a folder.");
  await writable(dirname(output));
  if (there) await askToReplace(terminal);
  return { kind: "file", path: output, replaced: there !== null };
}

async function askToReplace(terminal: Terminal): Promise<void> {
  if (!terminal.isThere())
    throw new Fault("output", "There is a file of that name already, and nobody to ask. Nothing was opened.");
  if (!(await terminal.agrees("There is a file of that name already. Replace it?"))) throw new Stopped();
}

async function writable(folder: string): Promise<string> {
  const trial = await NewFile.in(folder);
  await trial.discard();
  return folder;
}
