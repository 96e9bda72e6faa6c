import { bash } from "../completion/bash.ts";
import { fish } from "../completion/fish.ts";
import { zsh } from "../completion/zsh.ts";
import { Fault } from "../fault.ts";
import { answer } from "../output/answer.ts";
import type { Session } from "../session.ts";

const shells: Readonly<Record<string, () => string>> = { bash, zsh, fish };

/** Prints a shell's completions. */
export async function completion({ invocation, io }: Session): Promise<void> {
  const shell = invocation.operand ?? "";
  const script = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (!script) throw new Fault("usage", "Completions are there for bash, zsh and fish.");
  await answer(io, script());
}
