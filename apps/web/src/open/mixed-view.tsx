import type { LinkCode } from "@mayfly/crypto";
import type { Address } from "../address.ts";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { Title } from "../parts/title.tsx";

interface MixedViewProps {
  code: LinkCode;
  sawServer: boolean;
  onAddress(address: Address): void;
}

/** A link of the other kind than its address is for: which it is, and a way on. */
export function MixedView({ code, sawServer, onAddress }: MixedViewProps) {
  const { broken } = useCatalogue();
  const mixed = broken.mixed;
  const manage = code.kind === "manage";
  return (
    <section>
      <Title text={manage ? mixed.manageTitle : mixed.linkTitle} />
      <p class="lead">{manage ? mixed.manage : mixed.link}</p>
      <button type="button" onClick={() => onAddress({ page: manage ? "manage" : "open", code, sawServer })}>
        {manage ? mixed.goManage : mixed.goOpen}
      </button>
    </section>
  );
}
