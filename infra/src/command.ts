/** Runs other programs in the repository, with its own tools first on the PATH. */
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { REPOSITORY } from "./workspace.ts";

interface CommandOptions {
  /** Relative to the repository. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Return the output instead of showing it. */
  readonly quiet?: boolean;
}

interface CommandResult {
  /** Null if a signal ended the program, or if the program could not be started. */
  readonly code: number | null;
  /** Standard output and error, interleaved; empty unless `quiet`. */
  readonly output: string;
}

/** Runs a program to its end. Never throws. Standard input is empty. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const folder = join(REPOSITORY, options.folder ?? "");
  const tools = [
    join(folder, "node_modules/.bin"),
    join(REPOSITORY, "node_modules/.bin"),
    dirname(process.execPath),
  ];
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const output: Buffer[] = [];
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...options.env, PATH: [...tools, process.env.PATH].join(delimiter) },
    stdio: ["ignore", options.quiet ? "pipe" : "inherit", options.quiet ? "pipe" : "inherit"],
  });
  child.stdout?.on("data", (bytes: Buffer) => output.push(bytes));
  child.stderr?.on("data", (bytes: Buffer) => output.push(bytes));
  child.on("error", (error) => resolve({ code: null, output: `${program}: ${error.message}\n` }));
  child.on("close", (code) => resolve({ code, output: Buffer.concat(output).toString("utf8") }));
  return promise;
}

/** Runs a program quietly. Shows its output only on failure. Returns whether it succeeded. */
export async function succeeds(
  program: string,
  args: readonly string[],
  say: (line: string) => void,
  options: CommandOptions = {},
): Promise<boolean> {
  const { code, output } = await runCommand(program, args, { ...options, quiet: true });
  if (code !== 0)
    say(`${program} ${args.join(" ")} (${options.folder ?? "."}): exit ${code}\n${output.trimEnd()}`);
  return code === 0;
}
