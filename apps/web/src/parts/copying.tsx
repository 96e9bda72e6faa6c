import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import "./copying.css";

type Outcome = "copied" | "denied" | null;

// What is on the clipboard now is what was copied last: the button before takes its word back.
let takeBack: (() => void) | undefined;

/**
 * A button that copies, and says whether it did. When the browser refuses, `fallback` is selected instead, or the text
 * that stands before the button.
 */
export function CopyButton(props: {
  text: string;
  label: string;
  fallback?: RefObject<HTMLElement | null>;
  main?: boolean;
  onCopied?(): void;
}) {
  const { page } = useCatalogue();
  const [outcome, setOutcome] = useState<Outcome>(null);
  const place = useRef<HTMLSpanElement>(null);
  async function copy() {
    takeBack?.();
    takeBack = () => setOutcome(null);
    try {
      await navigator.clipboard.writeText(props.text);
      setOutcome("copied");
      props.onCopied?.();
    } catch {
      select(
        props.fallback ? props.fallback.current : (place.current?.previousElementSibling as HTMLElement),
      );
      setOutcome("denied");
    }
  }
  return (
    <span class="copy" ref={place}>
      <button type="button" class={props.main ? "main" : ""} onClick={copy}>
        {props.label}
      </button>
      <span role="status" class={outcome === "denied" ? "said long" : "said"}>
        {outcome === "copied" ? page.copied : outcome === "denied" ? page.copyDenied : ""}
      </span>
    </span>
  );
}

/** A text to be copied: shown whole, selected by a click. */
export function CopyField(props: {
  id: string;
  label: string;
  text: string;
  copyLabel: string;
  main?: boolean;
  onCopied?(): void;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <textarea
        id={props.id}
        class="link"
        ref={field}
        readOnly
        rows={3}
        value={props.text}
        spellcheck={false}
        autocomplete="off"
        onFocus={() => select(field.current)}
        onCopy={props.onCopied}
        dir="ltr"
      />
      <CopyButton
        text={props.text}
        label={props.copyLabel}
        fallback={field}
        main={props.main ?? false}
        {...(props.onCopied && { onCopied: props.onCopied })}
      />
    </div>
  );
}

/** Selects all of an element's text. */
export function select(element: HTMLElement | null): void {
  if (!element) return;
  if (element instanceof HTMLTextAreaElement) {
    element.focus({ preventScroll: true });
    element.select();
  } else getSelection()?.selectAllChildren(element);
}
