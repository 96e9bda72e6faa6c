import { burn } from "./commands/burn.ts";
import { completion } from "./commands/completion.ts";
import { help } from "./commands/help.ts";
import { open } from "./commands/open.ts";
import { protect } from "./commands/protect.ts";
import { service } from "./commands/service.ts";
import { status } from "./commands/status.ts";
import type { CommandName } from "./commands.ts";
import { describeError } from "./error-description.ts";
import { exitCodes } from "./exit-codes.ts";
import { createTerminal } from "./input/terminal.ts";
import { parseInvocation } from "./invocation.ts";
import { type Io, tell } from "./io.ts";
import { answer } from "./output/answer.ts";
import type { Session } from "./session.ts";

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
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const terminal = createTerminal(io);
  try {
    if (argv[0] === "--version" || argv[0] === "-V") await answer(io, `mayfly ${io.version}\n`);
    else {
      const invocation = parseInvocation(argv);
      await work[invocation.command]({ invocation, io, terminal });
    }
    return exitCodes.done.code;
  } catch (error) {
    const { exit, sentence } = describeError(error);
    if (sentence !== "") tell(io, `mayfly: ${sentence}`);
    return exitCodes[exit].code;
  } finally {
    terminal.close();
  }
}
