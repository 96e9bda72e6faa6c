import { useCatalogue } from "../catalogue/use-catalogue.ts";
import type { MessageContent } from "./message.ts";

interface MessageFieldProps {
  content: MessageContent;
  disabled: boolean;
  onInput(content: MessageContent): void;
}

/** Where a message is typed. */
export function MessageField({ content, disabled, onInput }: MessageFieldProps) {
  const { compose } = useCatalogue();
  return (
    <div class="field">
      <label for="message">{compose.message}</label>
      <textarea
        id="message"
        rows={7}
        value={content.text}
        disabled={disabled}
        autofocus
        autocomplete="off"
        spellcheck={false}
        dir="auto"
        onInput={(event) => onInput({ ...content, text: event.currentTarget.value })}
      />
    </div>
  );
}
