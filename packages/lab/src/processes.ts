/** Processes of this machine, as /proc shows them (https://man7.org/linux/man-pages/man5/proc.5.html). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

interface Child {
  readonly pid: number;
  /** Its words, joined by blanks. */
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

/** Its children, and theirs, each before its own. */
export function descendantsOf(parent: number): Child[] {
  return childrenOf(parent).flatMap((child) => [child, ...descendantsOf(child.pid)]);
}

/** False also for one that has ended and that nobody has waited for yet. */
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

/** Seconds of CPU as the scheduler counts nanoseconds. A thread that has ended is not in the sum: Node's and Redis' stay. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    nanoseconds += Number(ran);
  }
  return nanoseconds / 1e9;
}

/**
 * State, parent, and what follows, of /proc/PID/stat; one empty text when there is no such process. They stand behind the
 * command's name, which is in brackets and may hold anything.
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
