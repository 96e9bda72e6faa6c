import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const MIB = 1024 * 1024;

/** EXT4_IOC_SHUTDOWN with NOLOGFLUSH (Linux, fs/ext4/ext4.h): nothing that is not on the disk gets there any more. */
const SHUTDOWN = `import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))`;

/** A file system of its own, in the hands of a test. Needs root. */
export interface SmallDisk {
  /** A folder on it that only its owner may write. */
  readonly directory: string;
  /** Takes all the room that is left, or gives it back. */
  fill(): void;
  free(): void;
  /** Takes it out of the folders while it is in use. */
  vanish(): void;
  /** As after an error of the disk: from now on nothing can be written. */
  makeReadOnly(): void;
  /** As when the power goes: what was not synced is lost, and everything asked of the disk fails. */
  cutPower(): void;
  /** Mounts it anew, with everything that reached it. No file on it may be open. */
  remount(): void;
  /** Gives everything back. */
  remove(): void;
}

/** ext4 in a file, which is a true disk but for its medium. */
export function smallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-disk-"));
  const [image, place] = [join(folder, "image"), join(folder, "place")];
  const directory = join(place, "data");
  const filler = join(place, "filler");
  mkdirSync(place);
  writeFileSync(image, new Uint8Array(32 * MIB));
  run("mkfs.ext4", "-q", "-F", "-m", "0", image);
  let mounted = false;
  const mount = () => {
    run("mount", "-o", "loop,errors=remount-ro", image, place);
    mounted = true;
  };
  const unmount = (...options: string[]) => {
    if (mounted) run("umount", ...options, place);
    mounted = false;
  };
  mount();
  mkdirSync(directory, { mode: 0o700 });
  return {
    directory,
    fill: () => fill(filler),
    free: () => rmSync(filler),
    vanish: () => unmount("--lazy"),
    makeReadOnly: () => {
      writeFileSync(`/sys/fs/ext4/${loopDevice(place)}/trigger_fs_error`, "1");
    },
    cutPower: () => {
      loopDevice(place);
      run("/usr/bin/python3", "-c", SHUTDOWN, place);
    },
    remount: () => {
      unmount();
      mount();
    },
    remove: () => {
      unmount("--lazy");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The device that is mounted there. Throws when it is not a file's, so that no other disk is ever broken. */
function loopDevice(place: string): string {
  const device = basename(run("findmnt", "-n", "-o", "SOURCE", place).trim());
  if (!/^loop\d+$/.test(device)) throw new Error("no small disk is mounted there");
  return device;
}

/** To the last block: a large file's last block may fail where a small one still fits. */
function fill(path: string): void {
  for (const size of [MIB, 64 * 1024, 4_096]) {
    try {
      for (;;) writeFileSync(path, new Uint8Array(size), { flag: "a", flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
