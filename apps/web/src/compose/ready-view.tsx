import type { Connection, Protected } from "@mayfly/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { CopyButton, CopyField, select } from "../parts/copying.tsx";
import { lazy } from "../parts/lazy.tsx";
import { useLeavingAsked } from "../parts/leaving.ts";
import { Notice } from "../parts/notice.tsx";
import { Title } from "../parts/title.tsx";
import type { PassphraseUse } from "./compose-machine.ts";
import "./ready-view.css";

const QrCode = lazy(async () => (await import("../parts/qr-code.tsx")).QrCode);
const ManagePanel = lazy(async () => (await import("../manage/manage-panel.tsx")).ManagePanel);

interface ReadyViewProps {
  connection: Connection;
  made: Protected;
  reads: number | "unlimited";
  passphrase: PassphraseUse;
  onAnother(): void;
}

/** The link, ready to be sent; apart from it, what only the sender should hold. */
export function ReadyView({ connection, made, reads, passphrase, onAnother }: ReadyViewProps) {
  const { ready } = useCatalogue();
  const [hasEnded, setEnded] = useState(false);
  const [managing, setManaging] = useState(false);
  const [kept, setKept] = useState({ link: false, passphrase: passphrase.kind !== "suggested" });
  const isLosing = !hasEnded && !(kept.link && kept.passphrase);
  useLeavingAsked(isLosing);
  return (
    <section>
      {hasEnded ? (
        <Title text={ready.ended} arrive />
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
        <summary>{ready.manage}</summary>
        <p class="hint">{ready.manageHint}</p>
        <CopyField
          id="manage-link"
          label={ready.manageLink}
          text={made.manageLink}
          copyLabel={ready.copyManage}
        />
        {managing && (
          <ManagePanel connection={connection} link={made.manageLink} onEnded={() => setEnded(true)} />
        )}
      </details>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          if (!isLosing || confirm(ready.notCopied)) onAnother();
        }}
      >
        {ready.another}
      </button>
    </section>
  );
}

interface ReadyLinkProps extends Pick<ReadyViewProps, "made" | "reads" | "passphrase"> {
  onLink(): void;
  onPassphrase(): void;
}

/** What goes to the recipient, as long as there is something to open. */
function ReadyLink({ made, reads, passphrase, onLink, onPassphrase }: ReadyLinkProps) {
  const { page, ready } = useCatalogue();
  const [qr, setQr] = useState(false);
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => select(document.getElementById("link")), []);
  const shareText = ready.share(made.link, reads, made.expiresAt);
  return (
    <>
      <h1>{ready.title}</h1>
      <p class="lead" role="status">
        {ready.expires(reads, made.expiresAt)}
      </p>
      <CopyField
        id="link"
        label={ready.link}
        text={made.link}
        copyLabel={ready.copyLink}
        main
        onCopied={onLink}
      />
      {passphrase.kind !== "none" && (
        <Notice>
          <p>{ready.passphrase}</p>
          {passphrase.kind === "suggested" && (
            <>
              <p class="phrase" dir="ltr" onCopy={onPassphrase}>
                {passphrase.passphrase}
              </p>
              <CopyButton text={passphrase.passphrase} label={page.copyPassphrase} onCopied={onPassphrase} />
            </>
          )}
        </Notice>
      )}
      <div class="row">
        <CopyButton text={shareText} label={ready.copyShare} fallback={note} onCopied={onLink} />
        <button type="button" aria-expanded={qr} onClick={() => setQr(!qr)}>
          {qr ? ready.qrHide : ready.qr}
        </button>
      </div>
      <p class="note" ref={note} onCopy={onLink}>
        {shareText}
      </p>
      {qr && <QrCode text={made.link} />}
      <p class="hint">{ready.visits}</p>
    </>
  );
}
