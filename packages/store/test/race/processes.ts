import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of a race. `program`: a file of this folder. */
export function start(program: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(program, import.meta.url)), args, { execArgv: [] });
}

/** What it says next. */
export async function reportOf<Report>(child: ChildProcess): Promise<Report> {
  const ended = new AbortController();
  const exit = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`a process of the race ended with ${code}`);
  });
  try {
    const [report] = await Promise.race([once(child, "message", { signal: ended.signal }), exit]);
    return report as Report;
  } finally {
    ended.abort();
    await exit.catch(() => undefined);
  }
}

/** Lets go of it, and waits for its end. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.disconnect();
  await exit;
}
