import { useCatalogue } from "../catalogue/use-catalogue.ts";
import type { Fault } from "../fault.ts";
import { Title } from "../parts/title.tsx";
import type { Hold } from "./open-machine.ts";

/** What became of a secret that this link cannot open, and of a read that this page had of it. */
export function EndedView({ fault, hold }: { fault: Fault; hold: Hold }) {
  const { ended, page } = useCatalogue();
  const end = fault.code === "gone" ? ended.states[fault.state ?? "opened"] : undefined;
  const title = end?.title ?? (fault.code === "damaged" ? ended.damaged : ended.notFound);
  return (
    <section>
      <Title text={title} arrive />
      <p class="lead">{end ? end.text(fault.endedAt, hold) : page.fault(fault)}</p>
      <a href="/">{page.newSecret}</a>
    </section>
  );
}
