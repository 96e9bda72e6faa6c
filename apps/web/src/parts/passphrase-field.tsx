import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";

interface PassphraseFieldProps {
  label: string;
  hint: string;
  value: string;
  disabled?: boolean;
  /** Takes the focus when it comes, its text selected: to be typed again. */
  arrive?: boolean;
  onInput(value: string): void;
  children?: ComponentChildren;
}

/** A passphrase, hidden until it is asked to be shown. Never offered to a password manager, never corrected. */
export function PassphraseField({
  label,
  hint,
  value,
  disabled,
  arrive,
  onInput,
  children,
}: PassphraseFieldProps) {
  const { page } = useCatalogue();
  const [shown, setShown] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (arrive) field.current?.select();
  }, [arrive]);
  return (
    <div class="field">
      <label for="passphrase">{label}</label>
      <div class="row">
        <input
          id="passphrase"
          ref={field}
          {...(shown ? { type: "text" as const } : { type: "password" as const })}
          value={value}
          disabled={disabled ?? false}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-describedby="passphrase-hint"
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <button
          type="button"
          aria-controls="passphrase"
          disabled={disabled ?? false}
          onClick={() => setShown(!shown)}
        >
          {shown ? page.hide : page.show}
        </button>
        {children}
      </div>
      <p id="passphrase-hint" class="hint">
        {hint}
      </p>
    </div>
  );
}
