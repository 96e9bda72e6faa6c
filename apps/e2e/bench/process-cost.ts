import { readdirSync, readFileSync } from "node:fs";

/**
 * Seconds of CPU that a process has used so far, all its threads and the kernel on its behalf, as the scheduler counts them in
 * nanoseconds. A thread that has ended is not in the sum: Node's and Redis' stay.
 */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    nanoseconds += Number(ran);
  }
  return nanoseconds / 1e9;
}
