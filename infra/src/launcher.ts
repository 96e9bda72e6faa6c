/** Whoever ran `pnpm start`. When it is killed, nobody would be left to stop us. */
import { readFileSync } from "node:fs";

const LOOK_MS = 1_000;
const SHELLS = new Set(["sh", "dash", "bash", "zsh", "ash"]);

/**
 * Calls `onGone` once when the package manager that ran us is gone, or the shell that it put between. Started by hand or by
 * a service manager: never, because such a parent may end (`nohup … &`) while we are meant to stay.
 * Where there is no /proc, only the direct parent is watched.
 */
export function watchLauncher(environment: NodeJS.ProcessEnv, onGone: () => void): { stop(): void } {
  if (environment.npm_lifecycle_event === undefined) return { stop() {} };
  const parent = process.ppid;
  const between = SHELLS.has(commandOf(parent) ?? "");
  const manager = between ? parentOf(parent) : null;
  const timer = setInterval(() => {
    if (process.ppid === parent && (manager === null || parentOf(parent) === manager)) return;
    clearInterval(timer);
    onGone();
  }, LOOK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** The fields of /proc/PID/stat stand behind the command's name, which is in brackets and may hold anything. */
function parentOf(pid: number): number | null {
  const text = procFile(pid, "stat");
  if (text === null) return null;
  const [, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(parent);
}

function commandOf(pid: number): string | null {
  return procFile(pid, "comm")?.trim() ?? null;
}

function procFile(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return null;
  }
}
