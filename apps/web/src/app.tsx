import type { Connection } from "@mayfly/client";
import type { Address } from "./address.ts";
import { useCatalogue } from "./catalogue/use-catalogue.ts";
import type { Unfit } from "./environment.ts";
import { Mark } from "./mark.tsx";
import { lazy } from "./parts/lazy.tsx";
import { Notice } from "./parts/notice.tsx";
import { Title } from "./parts/title.tsx";

// Each view is one chunk: a part of a view cannot be missing.
const ComposeView = lazy(async () => (await import("./compose/compose-view.tsx")).ComposeView);
const OpenView = lazy(async () => (await import("./open/open-view.tsx")).OpenView);
const ManagePanel = lazy(async () => (await import("./manage/manage-panel.tsx")).ManagePanel);
const BrokenView = lazy(async () => (await import("./open/broken-view.tsx")).BrokenView);
const MixedView = lazy(async () => (await import("./open/mixed-view.tsx")).MixedView);

const views = {
  compose: ComposeView,
  open: OpenView,
  manage: ManagePanel,
  mixed: MixedView,
  broken: BrokenView,
};

/** Loads the code of an address's view before it is shown. Rejects with ClientError "offline". */
export async function loadView({ page }: Address): Promise<void> {
  if (page in views) await views[page as keyof typeof views].load();
}

interface AppProps {
  connection: Connection;
  /** What the address bar, or a person, asked for. Another code starts over. */
  address: Address;
  unfit: Unfit | null;
  onAddress(address: Address): void;
}

/** The page around every view. */
export function App({ connection, address, unfit, onAddress }: AppProps) {
  const { page } = useCatalogue();
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
            <h2>{page.unfitTitle}</h2>
            <p>{page.unfit[unfit]}</p>
          </Notice>
        )}
        <View connection={connection} address={address} disabled={unfit !== null} onAddress={onAddress} />
      </main>
      <footer>
        <p>{page.footer.what}</p>
        <p>
          {page.footer.keeps}{" "}
          <a href="/api/v1/service" target="_blank" rel="noopener noreferrer">
            {page.footer.state}
          </a>
        </p>
      </footer>
    </>
  );
}

interface ViewProps {
  connection: Connection;
  address: Address;
  disabled: boolean;
  onAddress(address: Address): void;
}

function View({ connection, address, disabled, onAddress }: ViewProps) {
  const { manage, page } = useCatalogue();
  switch (address.page) {
    case "compose":
      return <ComposeView connection={connection} disabled={disabled} />;
    case "open":
      return <OpenView key={address.code} connection={connection} {...address} disabled={disabled} />;
    case "manage":
      return (
        <section>
          <Title text={manage.title} />
          {!disabled && (
            <ManagePanel key={address.code} connection={connection} link={address.code} visited />
          )}
        </section>
      );
    case "mixed":
      return <MixedView code={address.code} sawServer={address.sawServer} onAddress={onAddress} />;
    case "broken":
      return <BrokenView {...address} onAddress={onAddress} />;
    case "cleared":
      return <Plain {...page.cleared} />;
    case "lost":
      return <Plain {...page.lost} />;
  }
}

function Plain({ title, text }: { title: string; text: string }) {
  const { page } = useCatalogue();
  return (
    <section>
      <Title text={title} />
      <p class="lead">{text}</p>
      <a href="/">{page.newSecret}</a>
    </section>
  );
}
