import { commandNames } from "../commands.ts";
import { Fault } from "../fault.ts";
import { commandHelp, generalHelp } from "../help.ts";
import { answer } from "../output/answer.ts";
import type { Session } from "../session.ts";

/** Prints the help of all, or of one command. */
export async function help({ invocation: { operand }, io }: Session): Promise<void> {
  const command = commandNames.find((name) => name === operand);
  if (operand !== undefined && command === undefined)
    throw new Fault("usage", "There is no such command. mayfly help lists them.");
  await answer(io, command ? commandHelp(command) : generalHelp(io.version));
}
