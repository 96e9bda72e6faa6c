import { ClientError, connect, type StretchPassphrase } from "@mayfly/client";
import { render } from "preact";
import { type Address, decideAddress, shownPath } from "./address.ts";
import { App, loadView } from "./app.tsx";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { load, pickLocale } from "./catalogue/load.ts";
import { CatalogueProvider } from "./catalogue/use-catalogue.ts";
import { unfitness } from "./environment.ts";

const root = document.getElementById("app") as HTMLElement;
const connection = connect({ server: "", stretchPassphrase: stretch });
const unfit = unfitness(globalThis);

// Loads before the first request, so a lost chunk loses no read.
async function stretch(...given: Parameters<StretchPassphrase>): Promise<Uint8Array> {
  const loaded = await import("./stretch/stretch-in-worker.ts").catch(() => {
    throw new ClientError("offline");
  });
  return loaded.stretchInWorker(...given);
}

/** Shows the page in the catalogue's language, from now on. */
function run(catalogue: Catalogue): void {
  let address: Address;

  function show(next: Address): void {
    address = next;
    history.replaceState(null, "", shownPath(next, location.href, unfit !== null));
    render(
      <CatalogueProvider value={catalogue}>
        <App connection={connection} address={address} unfit={unfit} onAddress={show} />
      </CatalogueProvider>,
      root,
    );
  }

  /** Reads the fragment once. Browsers may keep it in their history files, whatever the address bar shows. */
  function arrive(): void {
    show(decideAddress(location.href));
  }

  document.documentElement.lang = catalogue.language;
  document.documentElement.dir = catalogue.direction;
  root.replaceChildren();
  arrive();
  addEventListener("hashchange", arrive);
  // Back, forward and session restore bring a page back as it was left: it must be empty.
  addEventListener("pagehide", () => {
    render(null, root);
    if (address.page !== "compose") address = { page: "cleared" };
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) show(address);
  });
}

async function start(): Promise<void> {
  // In parallel. A view that fails to load is tried again, and reported, when it is shown.
  loadView(decideAddress(location.href)).catch(() => {});
  const catalogue = await load(pickLocale(navigator.languages)).catch(() => null);
  // Without a catalogue the document keeps its built-in text, and the address bar keeps the link for a reload.
  if (catalogue !== null) run(catalogue);
}

// A prerendered page waits until a person visits it.
const page = document as Document & { prerendering?: boolean };
if (page.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
else start();
