import type { Fault } from "../fault.ts";
import { Title } from "../parts/title.tsx";
import { endedWords } from "../words/ended-words.ts";
import { words } from "../words/words.ts";
import type { Hold } from "./open-machine.ts";

/** What became of a secret that this link cannot open, and of a read that this page had of it. */
export function EndedView({ fault, hold }: { fault: Fault; hold: Hold }) {
  const end = fault.code === "gone" ? endedWords.states[fault.state ?? "opened"] : undefined;
  const title = end?.title ?? (fault.code === "damaged" ? endedWords.damaged : endedWords.notFound);
  return (
    <section>
      <Title text={title} arrive />
      <p class="lead">{end ? end.text(fault.endedAt, hold) : words.fault(fault)}</p>
      <a href="/">{words.newSecret}</a>
    </section>
  );
}
