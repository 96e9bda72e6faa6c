import { createClient } from "@mayfly/client";
import { Stopped } from "../fault.ts";
import { linkGiven } from "../input/link.ts";
import { demandTerminal } from "../input/terminal.ts";
import { answerJson } from "../output/answer.ts";
import { serverFor } from "../server.ts";
import type { Session } from "../session.ts";
import { isTyped, tell } from "../surroundings.ts";

/** Destroys a secret, after a question where somebody is there to answer it. */
export async function burn({ invocation, surroundings, terminal }: Session): Promise<void> {
  const { code, origin } = await linkGiven(invocation, surroundings, terminal, "manage");
  const server = serverFor(invocation, surroundings, origin);
  if (!invocation.has("yes") && isTyped(surroundings)) {
    demandTerminal(terminal, "give --yes to delete without a question.");
    if (!(await terminal.agrees("Delete this secret? Nobody will be able to open it."))) throw new Stopped();
  }
  await createClient({ server }).burn(code, { signal: surroundings.signal });
  if (invocation.has("json")) return answerJson(surroundings, { burned: true });
  tell(surroundings, "Deleted. Nobody can open it any more.");
}
