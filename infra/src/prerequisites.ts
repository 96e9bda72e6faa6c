/**
 * The system packages that the tests need, because nothing is mocked: Redis, two browsers, three reverse
 * proxies, Python with libsodium, curl, strace, and file systems that can be broken.
 */
import { runCommand } from "./command.ts";
import { PYTHON } from "./verifier.ts";

interface Prerequisite {
  /** The package's name in Debian. */
  readonly packageName: string;
  /** A command that succeeds if the package is installed. */
  readonly probe: readonly [program: string, ...args: string[]];
}

export const prerequisites: readonly Prerequisite[] = [
  { packageName: "redis-server", probe: ["redis-server", "--version"] },
  { packageName: "chromium", probe: ["chromium", "--version"] },
  { packageName: "firefox-esr", probe: ["firefox-esr", "--version"] },
  { packageName: "nginx", probe: ["nginx", "-v"] },
  { packageName: "caddy", probe: ["caddy", "version"] },
  { packageName: "haproxy", probe: ["haproxy", "-v"] },
  { packageName: "python3-nacl", probe: [PYTHON, "-c", "import nacl"] },
  { packageName: "curl", probe: ["curl", "--version"] },
  { packageName: "strace", probe: ["strace", "--version"] },
  { packageName: "e2fsprogs", probe: ["mkfs.ext4", "-V"] },
];

/** The names of the missing packages. */
export async function missing(wanted: readonly Prerequisite[]): Promise<readonly string[]> {
  const found = await Promise.all(wanted.map(({ probe: [program, ...args] }) => works(program, ...args)));
  return wanted.filter((_, index) => !found[index]).map(({ packageName }) => packageName);
}

/**
 * Installs missing packages if root needs no password; else says what to install. Returns whether all are
 * installed.
 */
export async function providePrerequisites(say: (line: string) => void): Promise<boolean> {
  const names = await missing(prerequisites);
  if (names.length === 0) return true;
  const privilege = await privileged();
  if (privilege === null || !(await works("apt-get", "--version"))) {
    say(`The tests need these missing packages: ${names.join(", ")}. On Debian or Ubuntu:`);
    say(`  sudo apt-get update && sudo apt-get install --no-install-recommends ${names.join(" ")}`);
    return false;
  }
  say(`Installing ${names.join(", ")}.`);
  await apt(privilege, ["update"]);
  await apt(privilege, ["install", "--yes", "--no-install-recommends", ...names]);
  const still = await missing(prerequisites);
  if (still.length > 0)
    say(
      `These packages could not be installed: ${still.join(", ")}. Install them, then run the command again.`,
    );
  return still.length === 0;
}

/** The command prefix for root: empty for root, sudo if it needs no password, else null. */
async function privileged(): Promise<readonly string[] | null> {
  if (process.getuid?.() === 0) return [];
  return (await works("sudo", "-n", "true")) ? ["sudo", "-n"] : null;
}

/** RUNLEVEL=1 keeps Debian's scripts from starting the installed servers. The tests start their own. */
function apt(privilege: readonly string[], args: readonly string[]) {
  const [program = "env", ...rest] = [
    ...privilege,
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "RUNLEVEL=1",
    "apt-get",
    ...args,
  ];
  return runCommand(program, rest);
}

async function works(program: string, ...args: string[]): Promise<boolean> {
  return (await runCommand(program, args, { quiet: true })).code === 0;
}
