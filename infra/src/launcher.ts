/** Whoever ran `pnpm start`. When it is killed, nobody would be left to stop us. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const LOOK_MS = 500;
const SHELLS = new Set(["sh", "dash", "bash", "zsh", "ash"]);
const MANAGER = /^(npm|npx|pnpm|yarn|corepack)\b/;

/**
 * Calls `onGone` once when a package manager that ran us is gone, or a shell between: npx dies of SIGTERM and leaves its
 * pnpm behind. Whoever stands above them is not watched, because such a parent may end (`nohup pnpm start &`)
 * while we are meant to stay. Where there is no /proc, nobody is.
 */
export function watchLauncher(onGone: () => void): { stop(): void } {
  const chain = launchersOf(process.pid);
  if (chain.length === 0) return { stop() {} };
  const timer = setInterval(() => {
    let pid: number | null = process.pid;
    for (const launcher of chain) {
      pid = parentOf(pid);
      if (pid === launcher) continue;
      clearInterval(timer);
      return onGone();
    }
  }, LOOK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** The package managers above a process, and the shells below each of them, nearest first. */
function launchersOf(pid: number): readonly number[] {
  const parent = parentOf(pid);
  if (parent === null || parent <= 1) return [];
  const words = commandOf(parent);
  if (isManager(words)) return [parent, ...launchersOf(parent)];
  if (!SHELLS.has(basename(words[0] ?? ""))) return [];
  const above = launchersOf(parent);
  return above.length > 0 ? [parent, ...above] : [];
}

/** By its own name or title, or by that of the script it runs. */
function isManager([program = "", script = ""]: readonly string[]): boolean {
  return MANAGER.test(basename(program)) || MANAGER.test(basename(script));
}

/** The fields of /proc/PID/stat stand behind the command's name, which is in brackets and may hold anything. */
function parentOf(pid: number): number | null {
  const text = procFile(pid, "stat");
  if (text === null) return null;
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
}

function commandOf(pid: number): readonly string[] {
  return (procFile(pid, "cmdline") ?? "").split("\0");
}

function procFile(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return null;
  }
}
