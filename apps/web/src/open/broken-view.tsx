import { useState } from "preact/hooks";
import { type Address, decidePasted, type LinkFault } from "../address.ts";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { Notice } from "../parts/notice.tsx";
import { Title } from "../parts/title.tsx";

interface BrokenViewProps {
  reason: LinkFault;
  sawServer: boolean;
  onAddress(address: Address): void;
}

/** A link that is not whole: which fault, that coming here uses nothing up, and a field for the whole one. */
export function BrokenView({ reason, sawServer, onAddress }: BrokenViewProps) {
  const { broken } = useCatalogue();
  const [pasted, setPasted] = useState("");
  const [fault, setFault] = useState<LinkFault>();
  function go(event: Event) {
    event.preventDefault();
    const found = decidePasted(pasted);
    if (typeof found === "string") setFault(found);
    else onAddress(found);
  }
  return (
    <form onSubmit={go}>
      <Title text={broken.title(reason)} />
      <p class="lead">{broken.reason(reason)}</p>
      {sawServer && <Notice>{broken.seen}</Notice>}
      <p>{broken.usesNothing}</p>
      <div class="field">
        <label for="pasted">{broken.paste}</label>
        <textarea
          id="pasted"
          class="link"
          rows={3}
          value={pasted}
          autocomplete="off"
          spellcheck={false}
          dir="ltr"
          onInput={(event) => setPasted(event.currentTarget.value)}
        />
      </div>
      {fault && <Notice alert>{broken.pasted(fault)}</Notice>}
      <button type="submit" class="main">
        {broken.go}
      </button>
    </form>
  );
}
