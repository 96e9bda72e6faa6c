import { execFileSync } from "node:child_process";
import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from "node:os";

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Of the folder that SQLite's file was in. */
  readonly fileSystem: string;
  readonly node: string;
  readonly redis: string;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${distribution()}, ${type()} ${release().split(/[-+]/)[0]}`,
    fileSystem: fileSystems[statfsSync(tmpdir()).type] ?? "another file system",
    node: process.version.slice(1),
    redis:
      /v=([\d.]+)/.exec(execFileSync("redis-server", ["--version"], { encoding: "utf8" }))?.[1] ?? "unknown",
  };
}

/** By the numbers of statfs(2). */
const fileSystems: Readonly<Record<number, string>> = {
  61267: "ext4",
  16914836: "tmpfs",
  1481003842: "xfs",
  2435016766: "btrfs",
  2035054128: "overlayfs",
};

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}
