import type { Opened } from "@mayfly/client";
import { decodeFields, decodeText } from "@mayfly/crypto";
import { useEffect, useRef, useState } from "preact/hooks";
import { CopyButton } from "../parts/copying.tsx";
import { Notice } from "../parts/notice.tsx";
import { Title } from "../parts/title.tsx";
import { secretWords } from "../words/secret-words.ts";
import { words } from "../words/words.ts";
import type { Confirmation } from "./open-machine.ts";

interface SecretViewProps {
  opened: Opened;
  confirmation: Confirmation;
  hidden: boolean;
  onToggle(): void;
}

/** The secret itself, and whether it still exists anywhere else. */
export function SecretView({ opened, confirmation, hidden, onToggle }: SecretViewProps) {
  return (
    <section>
      <Title text={secretWords.shown} arrive />
      <Content opened={opened} hidden={hidden} onToggle={onToggle} />
      <p role="status" class="fate">
        <Fate opened={opened} confirmation={confirmation} />
      </p>
    </section>
  );
}

function Fate({
  opened: { readsLeft, leaseEnds },
  confirmation,
}: {
  opened: Opened;
  confirmation: Confirmation;
}) {
  if (readsLeft !== 0) return <>{secretWords.readsLeft(readsLeft)}</>;
  if (confirmation === "asking") return <>{secretWords.asking}</>;
  return <>{confirmation === "confirmed" ? secretWords.confirmed : secretWords.unconfirmed(leaseEnds)}</>;
}

function Content(props: { opened: Opened; hidden: boolean; onToggle(): void }) {
  const { meta, content } = props.opened.secret;
  try {
    if (meta.kind === "text") return <TextContent text={decodeText(content)} {...props} />;
    if (meta.kind !== "files") return <FieldsContent fields={decodeFields(content)} {...props} />;
  } catch {
    return (
      <Notice alert>
        <p>{secretWords.unreadable}</p>
      </Notice>
    );
  }
  let at = 0;
  return (
    <ul class="files">
      {meta.files?.map(({ name, size }) => {
        const from = at;
        at += size;
        return <FileContent key={from + name} name={name} bytes={content.subarray(from, at)} />;
      })}
    </ul>
  );
}

function TextContent({ text, hidden, onToggle }: { text: string; hidden: boolean; onToggle(): void }) {
  const shown = useRef<HTMLDivElement>(null);
  return (
    <>
      <section
        id="secret"
        class="secret"
        ref={shown}
        dir="auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long secrets scroll, and the keyboard must reach them
        tabIndex={0}
        aria-label={secretWords.shown}
      >
        {hidden ? "••••••••" : text}
      </section>
      <div class="row">
        <CopyButton text={text} label={secretWords.copy} fallback={shown} main />
        <button type="button" aria-controls="secret" onClick={onToggle}>
          {hidden ? words.show : words.hide}
        </button>
      </div>
    </>
  );
}

function FieldsContent({
  fields,
  hidden,
  onToggle,
}: {
  fields: Record<string, string>;
  hidden: boolean;
  onToggle(): void;
}) {
  return (
    <>
      <table id="secret">
        <tbody>
          {Object.entries(fields).map(([name, value]) => (
            <FieldRow key={name} name={name} value={value} hidden={hidden} />
          ))}
        </tbody>
      </table>
      <button type="button" aria-controls="secret" onClick={onToggle}>
        {hidden ? words.show : words.hide}
      </button>
    </>
  );
}

function FieldRow({ name, value, hidden }: { name: string; value: string; hidden: boolean }) {
  const shown = useRef<HTMLDivElement>(null);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <div class="secret" ref={shown} dir="auto">
          {hidden ? "••••••••" : value}
        </div>
        <CopyButton text={value} label={secretWords.copyField(name)} fallback={shown} />
      </td>
    </tr>
  );
}

// Always as plain bytes: what a sender calls a type must not make the browser show it.
function FileContent({ name, bytes }: { name: string; bytes: Uint8Array<ArrayBuffer> }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [bytes]);
  return (
    <li>
      <a href={address} download={name}>
        {secretWords.save} <bdi>{name}</bdi> {secretWords.sized(bytes.length)}
      </a>
    </li>
  );
}
