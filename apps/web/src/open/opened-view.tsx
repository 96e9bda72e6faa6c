import type { Bytes } from "@mayfly/crypto";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { CopyButton } from "../parts/copying.tsx";
import { Notice } from "../parts/notice.tsx";
import { Title } from "../parts/title.tsx";
import type { Content } from "./content.ts";
import type { Shown } from "./open-machine.ts";
import "./opened-view.css";

/**
 * How many characters of a text are laid out. Chromium needs 0.1 s for 65,536 alternating direction overrides, 2.6 s for
 * four times as many, 30 s for a million.
 */
const shownCharacters = 65_536;

interface OpenedViewProps extends Shown {
  onToggle(): void;
  /** The person has copied or saved all of it. */
  onKept(): void;
  /** The person saves what cannot be shown. */
  onSaved(): void;
}

/** The secret itself, and whether it still exists anywhere else. */
export function OpenedView({ content, onSaved, ...props }: OpenedViewProps) {
  const { opened } = useCatalogue();
  return (
    <section>
      <Title text={opened.title} arrive />
      <Contents content={content} {...props} {...(content.kind === "unreadable" && { onKept: onSaved })} />
      <p role="status" class="fate">
        <Fate {...props} />
      </p>
    </section>
  );
}

function Fate({
  opened: { readsLeft, leaseEnds },
  confirmation,
  erasedWithin,
}: Pick<Shown, "opened" | "confirmation" | "erasedWithin">) {
  const { opened } = useCatalogue();
  if (confirmation === "unsaved") return <>{opened.unsaved(leaseEnds)}</>;
  if (readsLeft !== 0) return <>{opened.readsLeft(readsLeft)}</>;
  if (confirmation === "asking") return <>{opened.asking}</>;
  const said = confirmation === "confirmed" ? opened.confirmed : opened.unconfirmed(leaseEnds);
  return (
    <>
      {said} {erasedWithin !== undefined && opened.erased(erasedWithin)} {opened.copyFirst}
    </>
  );
}

interface ContentsProps {
  content: Content;
  hidden: boolean;
  onToggle(): void;
  onKept(): void;
}

function Contents({ content, ...props }: ContentsProps) {
  const { opened } = useCatalogue();
  switch (content.kind) {
    case "text":
      return <TextContent {...content} {...props} />;
    case "fields":
      return <FieldsContent {...content} {...props} />;
    case "files":
      return <FilesContent {...content} {...props} />;
    case "unreadable":
      return (
        <Notice alert>
          <p>{opened.unreadable}</p>
          <SaveLink name="secret.bin" bytes={content.bytes} onSave={props.onKept}>
            {opened.saveBytes} {opened.sized(content.bytes.length)}
          </SaveLink>
        </Notice>
      );
  }
}

/** Calls `all` once each of `count` things has been kept. */
function useKeeping(count: number, all: () => void): (index: number) => void {
  const kept = useRef(new Set<number>());
  return (index) => {
    if (kept.current.add(index).size === count) all();
  };
}

interface TextContentProps extends Omit<ContentsProps, "content"> {
  text: string;
  bytes: Bytes;
}

function TextContent({ text, bytes, hidden, onToggle, onKept }: TextContentProps) {
  const { opened, page } = useCatalogue();
  const shown = useRef<HTMLDivElement>(null);
  const isLong = text.length > shownCharacters;
  // Half of a surrogate pair at the cut is shown as a replacement character by no browser alike.
  const beginning = isLong ? text.slice(0, shownCharacters).replace(/[\ud800-\udbff]$/, "") : text;
  return (
    <>
      {isLong && (
        <Notice>
          <p>{opened.beginning}</p>
        </Notice>
      )}
      <section
        id="secret"
        class="secret"
        ref={shown}
        dir="auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long secrets scroll, and the keyboard must reach them
        tabIndex={0}
        aria-label={opened.title}
        onCopy={isLong || hidden ? undefined : onKept}
      >
        {hidden ? "••••••••" : beginning}
      </section>
      <div class="row">
        <CopyButton text={text} label={opened.copy} fallback={shown} main onCopied={onKept} />
        <button type="button" aria-controls="secret" onClick={onToggle}>
          {hidden ? page.show : page.hide}
        </button>
        <SaveLink name="secret.txt" bytes={bytes} onSave={onKept}>
          {opened.saveText} {opened.sized(bytes.length)}
        </SaveLink>
      </div>
    </>
  );
}

interface FieldsContentProps extends Omit<ContentsProps, "content"> {
  fields: Record<string, string>;
}

function FieldsContent({ fields, hidden, onToggle, onKept }: FieldsContentProps) {
  const { page } = useCatalogue();
  const entries = Object.entries(fields);
  const keep = useKeeping(entries.length, onKept);
  return (
    <>
      <table id="secret">
        <tbody>
          {entries.map(([name, value], index) => (
            <FieldRow key={name} name={name} value={value} hidden={hidden} onKept={() => keep(index)} />
          ))}
        </tbody>
      </table>
      <button type="button" aria-controls="secret" onClick={onToggle}>
        {hidden ? page.show : page.hide}
      </button>
    </>
  );
}

interface FieldRowProps {
  name: string;
  value: string;
  hidden: boolean;
  onKept(): void;
}

function FieldRow({ name, value, hidden, onKept }: FieldRowProps) {
  const { opened } = useCatalogue();
  const shown = useRef<HTMLDivElement>(null);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <div class="secret" ref={shown} dir="auto" onCopy={hidden ? undefined : onKept}>
          {hidden ? "••••••••" : value.slice(0, shownCharacters)}
        </div>
        {value.length > shownCharacters && <p class="hint">{opened.beginning}</p>}
        <CopyButton text={value} label={opened.copyField(name)} fallback={shown} onCopied={onKept} />
      </td>
    </tr>
  );
}

function FilesContent({ files, onKept }: { files: { name: string; bytes: Bytes }[]; onKept(): void }) {
  const { opened } = useCatalogue();
  const keep = useKeeping(files.length, onKept);
  return (
    <ul class="files">
      {files.map(({ name, bytes }, index) => (
        <li key={bytes}>
          <SaveLink name={name} bytes={bytes} onSave={() => keep(index)}>
            {opened.save} <bdi>{name}</bdi> {opened.sized(bytes.length)}
          </SaveLink>
        </li>
      ))}
    </ul>
  );
}

interface SaveLinkProps {
  name: string;
  bytes: Bytes;
  onSave(): void;
  children: ComponentChildren;
}

// Always as plain bytes: what a sender calls a type must not make the browser show it.
function SaveLink({ name, bytes, onSave, children }: SaveLinkProps) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [bytes]);
  return (
    <a href={address} download={name} onClick={onSave}>
      {children}
    </a>
  );
}
