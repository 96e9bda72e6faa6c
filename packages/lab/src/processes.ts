/** Processes of this machine, as /proc shows them (https://man7.org/linux/man-pages/man5/proc.5.html). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

interface Child {
  readonly pid: number;
  /** Program and arguments, joined by blanks. */
  readonly command: string;
}

/** The running children of a process. */
export function childrenOf(parent: number): Child[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(statOf(pid)[1]) === parent)
    .map((pid) => ({ pid, command: readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ") }));
}

/** Children, grandchildren and so on. Each process comes before its own children. */
export function descendantsOf(parent: number): Child[] {
  return childrenOf(parent).flatMap((child) => [child, ...descendantsOf(child.pid)]);
}

/** False for a zombie too: it has ended, and its parent has not waited for it yet. */
export function isRunning(pid: number): boolean {
  return !["", "Z"].includes(statOf(pid)[0] ?? "");
}

/** Sends a signal to a process that may be gone already. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** Bytes in memory. */
export function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** Sockets that a process has open. */
export function socketCount(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(`${folder}/${name}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}

/** CPU time in seconds. Threads that have ended are not counted; those of Node and Redis do not end. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    nanoseconds += Number(ran);
  }
  return nanoseconds / 1e9;
}

/**
 * The fields of /proc/PID/stat from the state and the parent on; one empty text if there is no such process. They follow the
 * command's name, which is in parentheses and may contain anything.
 */
function statOf(pid: number): string[] {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
