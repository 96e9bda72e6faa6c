import type { Client } from "@mayfly/client";
import type { Address } from "./address.ts";
import { ComposeView } from "./compose/compose-view.tsx";
import type { Unfit } from "./environment.ts";
import { Mark } from "./mark.tsx";
import { OpenView } from "./open/open-view.tsx";
import { lazy } from "./parts/lazy.tsx";
import { Notice } from "./parts/notice.tsx";
import { Title } from "./parts/title.tsx";
import { words } from "./words/words.ts";

const { View: ManagePanel } = lazy(async () => (await import("./manage/manage-panel.tsx")).ManagePanel);
const { View: BrokenView } = lazy(async () => (await import("./open/broken-view.tsx")).BrokenView);

interface AppProps {
  client: Client;
  /** What the address bar, or a person, asked for. Another code starts over. */
  address: Address;
  unfit: Unfit | null;
  onAddress(address: Address): void;
}

/** The page around every view. */
export function App({ client, address, unfit, onAddress }: AppProps) {
  return (
    <>
      <header>
        <a href="/" class="name">
          <Mark />
          Mayfly
        </a>
      </header>
      <main>
        {unfit && (
          <Notice alert>
            <h2>{words.unfitTitle}</h2>
            <p>{words.unfit[unfit]}</p>
          </Notice>
        )}
        <View client={client} address={address} disabled={unfit !== null} onAddress={onAddress} />
      </main>
      <footer>
        <p>{words.footer.what}</p>
        <p>
          {words.footer.keeps}{" "}
          <a href="/api/v1/service" target="_blank" rel="noopener noreferrer">
            {words.footer.state}
          </a>
        </p>
      </footer>
    </>
  );
}

interface ViewProps {
  client: Client;
  address: Address;
  disabled: boolean;
  onAddress(address: Address): void;
}

function View({ client, address, disabled, onAddress }: ViewProps) {
  switch (address.page) {
    case "compose":
      return <ComposeView client={client} disabled={disabled} />;
    case "open":
      return <OpenView key={address.code} client={client} {...address} disabled={disabled} />;
    case "manage":
      return (
        <section>
          <Title text={words.manageTitle} />
          {!disabled && <ManagePanel key={address.code} client={client} link={address.code} />}
        </section>
      );
    case "mixed": {
      const { mixed } = words;
      const manage = address.code.kind === "manage";
      const { code, sawServer } = address;
      return (
        <section>
          <Title text={manage ? mixed.manageTitle : mixed.linkTitle} />
          <p class="lead">{manage ? mixed.manage : mixed.link}</p>
          <button
            type="button"
            onClick={() => onAddress({ page: manage ? "manage" : "open", code, sawServer })}
          >
            {manage ? mixed.goManage : mixed.goOpen}
          </button>
        </section>
      );
    }
    case "broken":
      return <BrokenView reason={address.reason} onAddress={onAddress} />;
    case "cleared":
      return <Plain {...words.cleared} />;
    case "lost":
      return <Plain {...words.lost} />;
  }
}

function Plain({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <Title text={title} />
      <p class="lead">{text}</p>
      <a href="/">{words.newSecret}</a>
    </section>
  );
}
