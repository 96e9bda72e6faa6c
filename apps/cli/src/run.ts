import { burn } from "./commands/burn.ts";
import { completion } from "./commands/completion.ts";
import { help } from "./commands/help.ts";
import { open } from "./commands/open.ts";
import { protect } from "./commands/protect.ts";
import { service } from "./commands/service.ts";
import { status } from "./commands/status.ts";
import type { CommandName } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { createTerminal } from "./input/terminal.ts";
import { parseInvocation } from "./invocation.ts";
import { answer } from "./output/answer.ts";
import type { Session } from "./session.ts";
import { type Surroundings, tell } from "./surroundings.ts";
import { toldOf } from "./told.ts";

const work: Record<CommandName, (session: Session) => Promise<void>> = {
  protect,
  open,
  status,
  burn,
  service,
  completion,
  help,
};

/** Obeys one command line (without node and the script's name), and answers the exit code. Never throws. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const terminal = createTerminal(surroundings);
  try {
    if (argv[0] === "--version" || argv[0] === "-V")
      await answer(surroundings, `mayfly ${surroundings.version}\n`);
    else {
      const invocation = parseInvocation(argv);
      await work[invocation.command]({ invocation, surroundings, terminal });
    }
    return exitCodes.done.code;
  } catch (error) {
    const { exit, sentence } = toldOf(error);
    if (sentence !== "") tell(surroundings, `mayfly: ${sentence}`);
    return exitCodes[exit].code;
  } finally {
    terminal.close();
  }
}
