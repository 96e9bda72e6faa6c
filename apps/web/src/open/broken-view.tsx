import { useState } from "preact/hooks";
import { type Address, decidePasted, type LinkFault } from "../address.ts";
import { Notice } from "../parts/notice.tsx";
import { Title } from "../parts/title.tsx";
import { brokenWords } from "../words/broken-words.ts";

interface BrokenViewProps {
  reason: LinkFault;
  sawServer: boolean;
  onAddress(address: Address): void;
}

/** A link that is not whole: which fault, that coming here uses nothing up, and a field for the whole one. */
export function BrokenView({ reason, sawServer, onAddress }: BrokenViewProps) {
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
      <Title text={brokenWords.title(reason)} />
      <p class="lead">{brokenWords.reason(reason)}</p>
      {sawServer && <Notice>{brokenWords.seen}</Notice>}
      <p>{brokenWords.usesNothing}</p>
      <div class="field">
        <label for="pasted">{brokenWords.paste}</label>
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
      {fault && <Notice alert>{brokenWords.pasted(fault)}</Notice>}
      <button type="submit" class="main">
        {brokenWords.go}
      </button>
    </form>
  );
}
