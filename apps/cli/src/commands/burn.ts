import { createClient } from "@mayfly/client";
import { Stopped } from "../fault.ts";
import { linkGiven } from "../input/link.ts";
import { demandTerminal } from "../input/terminal.ts";
import { isTyped, tell } from "../io.ts";
import { answerJson } from "../output/answer.ts";
import { serverFor } from "../server.ts";
import type { Session } from "../session.ts";

/** Destroys a secret, after a question where somebody is there to answer it. */
export async function burn({ invocation, io, terminal }: Session): Promise<void> {
  const { code, origin } = await linkGiven(invocation, io, terminal, "manage");
  const server = serverFor(invocation, io, origin);
  if (!invocation.has("yes") && isTyped(io)) {
    demandTerminal(terminal, "give --yes to delete without a question.");
    if (!(await terminal.agrees("Delete this secret? Nobody will be able to open it."))) throw new Stopped();
  }
  await createClient({ server }).burn(code, { signal: io.signal });
  if (invocation.has("json")) return answerJson(io, { burned: true });
  tell(io, "Deleted. Nobody can open it any more.");
}
