import type { Connection, Protected } from "@mayfly/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { CopyButton, CopyField, select } from "../parts/copying.tsx";
import { lazy } from "../parts/lazy.tsx";
import { Notice } from "../parts/notice.tsx";
import { doneWords } from "../words/done-words.ts";

const QrCode = lazy(async () => (await import("../parts/qr-code.tsx")).QrCode);
const ManagePanel = lazy(async () => (await import("../manage/manage-panel.tsx")).ManagePanel);

interface DoneViewProps {
  connection: Connection;
  made: Protected;
  reads: number | "unlimited";
  passphrase: boolean;
  onAnother(): void;
}

/** The link, ready to be sent; apart from it, what only the sender should hold. */
export function DoneView({ connection, made, reads, passphrase, onAnother }: DoneViewProps) {
  const [qr, setQr] = useState(false);
  const [managing, setManaging] = useState(false);
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => select(document.getElementById("link")), []);
  const shareText = doneWords.share(made.link, reads, made.expiresAt);
  return (
    <section>
      <h1>{doneWords.title}</h1>
      <p class="lead" role="status">
        {doneWords.expires(reads, made.expiresAt)}
      </p>
      <CopyField id="link" label={doneWords.link} text={made.link} copyLabel={doneWords.copyLink} main />
      {passphrase && (
        <Notice>
          <p>{doneWords.passphrase}</p>
        </Notice>
      )}
      <div class="row">
        <CopyButton text={shareText} label={doneWords.copyShare} fallback={note} />
        <button type="button" aria-expanded={qr} onClick={() => setQr(!qr)}>
          {qr ? doneWords.qrHide : doneWords.qr}
        </button>
      </div>
      <p class="note" ref={note}>
        {shareText}
      </p>
      {qr && <QrCode text={made.link} />}
      <details onToggle={(event) => setManaging(event.currentTarget.open)}>
        <summary>{doneWords.manage}</summary>
        <p class="hint">{doneWords.manageHint}</p>
        <CopyField
          id="manage-link"
          label={doneWords.manageLink}
          text={made.manageLink}
          copyLabel={doneWords.copyManage}
        />
        {managing && <ManagePanel connection={connection} link={made.manageLink} />}
      </details>
      <button type="button" class="quiet" onClick={onAnother}>
        {doneWords.another}
      </button>
    </section>
  );
}
