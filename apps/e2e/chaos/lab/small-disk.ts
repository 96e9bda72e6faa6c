/** A file system of its own and of a small size in memory, that can be filled and made read-only. Needs root. */
import { execFileSync, spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atExit } from "@mayfly/lab/at-exit";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";

export interface SmallDisk {
  readonly path: string;
  /** Takes every free block, until `free`. */
  fill(): void;
  free(): void;
  /** Throws when a process has a file open for writing. */
  setReadOnly(readOnly: boolean): void;
  remove(): void;
}

/** The reason when the machine does not let this process mount. */
export function startSmallDisk(megabytes: number): SmallDisk | { readonly reason: string } {
  const folder = temporaryFolder("disk");
  if (process.getuid?.() !== 0) {
    folder.remove();
    return { reason: "only root may mount" };
  }
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder.path]);
  if (mounted.status !== 0) {
    folder.remove();
    return { reason: "mount was refused" };
  }
  const unmount = () => void spawnSync("umount", ["--lazy", folder.path]);
  const forget = atExit(unmount);
  const filler = join(folder.path, "filler");
  return {
    path: folder.path,
    fill: () => {
      const { bavail, bsize } = statfsSync(folder.path);
      try {
        writeFileSync(filler, Buffer.alloc(bavail * bsize));
      } catch (error) {
        // Others write at the same time: then the disk is full a little earlier.
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    free: () => rmSync(filler, { force: true }),
    setReadOnly: (readOnly) =>
      void execFileSync("mount", ["-o", `remount,${readOnly ? "ro" : "rw"}`, folder.path], {
        stdio: "ignore",
      }),
    remove: () => {
      unmount();
      forget();
      folder.remove();
    },
  };
}
