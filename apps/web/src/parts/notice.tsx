import type { Service } from "@mayfly/wire";
import type { ComponentChildren } from "preact";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import type { Fault } from "../fault.ts";
import "./notice.css";

/** A box that stands out. `alert`: read out at once. */
export function Notice({ alert, children }: { alert?: boolean; children: ComponentChildren }) {
  return (
    <div class={alert ? "notice alert" : "notice"} role={alert ? "alert" : "note"}>
      {children}
    </div>
  );
}

/** What went wrong; while the service is halted, why and since when. */
export function FaultNotice({ fault, service }: { fault: Fault; service: Service | undefined }) {
  const { page } = useCatalogue();
  if (fault.code === "halted") return <HaltNotice service={service} />;
  return (
    <Notice alert>
      <p>{page.fault(fault)}</p>
    </Notice>
  );
}

export function HaltNotice({ service }: { service: Service | undefined }) {
  const { page } = useCatalogue();
  return (
    <Notice alert>
      <h2>{page.halted.title}</h2>
      {service && <p>{page.halted.why(service.maintenance.lastSweepAt)}</p>}
      <p>{page.halted.wait}</p>
    </Notice>
  );
}

/** Work going on, read out politely. `fraction` 0 … 1 when it is known; before anything is done, none is shown. */
export function Working({ text, fraction }: { text: string; fraction?: number | undefined }) {
  return (
    <div class="working">
      <p role="status">{text}</p>
      <progress aria-label={text} max={1} value={fraction || undefined} />
    </div>
  );
}
