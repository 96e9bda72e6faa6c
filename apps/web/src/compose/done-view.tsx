import type { Connection, Protected } from "@mayfly/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { CopyButton, CopyField, select } from "../parts/copying.tsx";
import { lazy } from "../parts/lazy.tsx";
import { useLeavingAsked } from "../parts/leaving.ts";
import { Notice } from "../parts/notice.tsx";
import { Title } from "../parts/title.tsx";
import { doneWords } from "../words/done-words.ts";
import { words } from "../words/words.ts";
import type { PassphraseUse } from "./compose-machine.ts";

const QrCode = lazy(async () => (await import("../parts/qr-code.tsx")).QrCode);
const ManagePanel = lazy(async () => (await import("../manage/manage-panel.tsx")).ManagePanel);

interface DoneViewProps {
  connection: Connection;
  made: Protected;
  reads: number | "unlimited";
  passphrase: PassphraseUse;
  onAnother(): void;
}

/** The link, ready to be sent; apart from it, what only the sender should hold. */
export function DoneView({ connection, made, reads, passphrase, onAnother }: DoneViewProps) {
  const [hasEnded, setEnded] = useState(false);
  const [managing, setManaging] = useState(false);
  const [kept, setKept] = useState({ link: false, passphrase: passphrase.kind !== "suggested" });
  const isLosing = !hasEnded && !(kept.link && kept.passphrase);
  useLeavingAsked(isLosing);
  return (
    <section>
      {hasEnded ? (
        <Title text={doneWords.ended} arrive />
      ) : (
        <ReadyLink
          made={made}
          reads={reads}
          passphrase={passphrase}
          onLink={() => setKept((before) => ({ ...before, link: true }))}
          onPassphrase={() => setKept((before) => ({ ...before, passphrase: true }))}
        />
      )}
      <details onToggle={(event) => setManaging(event.currentTarget.open)}>
        <summary>{doneWords.manage}</summary>
        <p class="hint">{doneWords.manageHint}</p>
        <CopyField
          id="manage-link"
          label={doneWords.manageLink}
          text={made.manageLink}
          copyLabel={doneWords.copyManage}
        />
        {managing && (
          <ManagePanel connection={connection} link={made.manageLink} onEnded={() => setEnded(true)} />
        )}
      </details>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          if (!isLosing || confirm(doneWords.notCopied)) onAnother();
        }}
      >
        {doneWords.another}
      </button>
    </section>
  );
}

interface ReadyLinkProps extends Pick<DoneViewProps, "made" | "reads" | "passphrase"> {
  onLink(): void;
  onPassphrase(): void;
}

/** What goes to the recipient, as long as there is something to open. */
function ReadyLink({ made, reads, passphrase, onLink, onPassphrase }: ReadyLinkProps) {
  const [qr, setQr] = useState(false);
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => select(document.getElementById("link")), []);
  const shareText = doneWords.share(made.link, reads, made.expiresAt);
  return (
    <>
      <h1>{doneWords.title}</h1>
      <p class="lead" role="status">
        {doneWords.expires(reads, made.expiresAt)}
      </p>
      <CopyField
        id="link"
        label={doneWords.link}
        text={made.link}
        copyLabel={doneWords.copyLink}
        main
        onCopied={onLink}
      />
      {passphrase.kind !== "none" && (
        <Notice>
          <p>{doneWords.passphrase}</p>
          {passphrase.kind === "suggested" && (
            <>
              <p class="phrase" dir="ltr" onCopy={onPassphrase}>
                {passphrase.passphrase}
              </p>
              <CopyButton text={passphrase.passphrase} label={words.copyPassphrase} onCopied={onPassphrase} />
            </>
          )}
        </Notice>
      )}
      <div class="row">
        <CopyButton text={shareText} label={doneWords.copyShare} fallback={note} onCopied={onLink} />
        <button type="button" aria-expanded={qr} onClick={() => setQr(!qr)}>
          {qr ? doneWords.qrHide : doneWords.qr}
        </button>
      </div>
      <p class="note" ref={note} onCopy={onLink}>
        {shareText}
      </p>
      {qr && <QrCode text={made.link} />}
      <p class="hint">{doneWords.visits}</p>
    </>
  );
}
