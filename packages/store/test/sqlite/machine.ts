import { spawnSync } from "node:child_process";

interface Ability {
  /** A command that succeeds where the machine can do it. */
  readonly probe: readonly [program: string, ...args: string[]];
  /** Why a test that needs it is left out elsewhere. */
  readonly reason: string;
}

/** What some tests ask of the machine beyond Node. */
const ABILITIES = {
  trace: {
    probe: ["strace", "-o", "/dev/null", "true"],
    reason: "strace is not installed, or the system does not let a program be traced",
  },
  mount: {
    probe: [
      "unshare",
      "--mount",
      "sh",
      "-c",
      "mount -t tmpfs tmpfs /mnt && losetup -f && command -v mkfs.ext4",
    ],
    reason: "only root may mount a file as a disk, and not in every container",
  },
} as const satisfies Record<string, Ability>;

/** Why this machine cannot do it; null where it can. In CI always null: there the test has to fail, not to be left out. */
export function lacks(ability: keyof typeof ABILITIES): string | null {
  if (process.env.CI === "true") return null;
  const { probe, reason } = ABILITIES[ability];
  const [program, ...args] = probe;
  return spawnSync(program, args).status === 0 ? null : reason;
}
