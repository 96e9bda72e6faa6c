/**
 * Watches the package manager that ran `pnpm start`: if it is killed, nothing else would stop this process.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const LOOK_MS = 500;
const SHELLS = new Set(["sh", "dash", "bash", "zsh", "ash"]);
const MANAGER = /^(npm|npx|pnpm|yarn|corepack)\b/;

/**
 * Calls `onGone` once when a package manager above this process is gone, or a shell between them: npx dies of
 * SIGTERM and leaves its pnpm behind. Their parents are not watched, because a parent may end while the
 * service should stay (`nohup pnpm start &`). Without /proc nothing is watched.
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

/** Recognises a package manager by its own name, or by the script that it runs. */
function isManager([program = "", script = ""]: readonly string[]): boolean {
  return MANAGER.test(basename(program)) || MANAGER.test(basename(script));
}

/** Reads /proc/PID/stat from its last ")", because the command's name before it may hold any character. */
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
