import { ClientError, connect, type StretchPassphrase } from "@mayfly/client";
import { render } from "preact";
import { type Address, decideAddress, shownPath } from "./address.ts";
import { App } from "./app.tsx";
import { unfitness } from "./environment.ts";
import { words } from "./words/words.ts";

const root = document.getElementById("app") as HTMLElement;
const connection = connect({ server: "", stretchPassphrase: stretch });
const unfit = unfitness(globalThis);
let address: Address;

// Comes before anything is asked of the service, so that losing it on the way loses nothing.
async function stretch(...given: Parameters<StretchPassphrase>): Promise<Uint8Array> {
  const loaded = await import("./stretch/stretch-in-worker.ts").catch(() => {
    throw new ClientError("offline");
  });
  return loaded.stretchInWorker(...given);
}

function show(next: Address): void {
  address = next;
  history.replaceState(null, "", shownPath(next, location.href, unfit !== null));
  render(<App connection={connection} address={address} unfit={unfit} onAddress={show} />, root);
}

/** Reads the fragment, once. Browsers may keep it in their history files, whatever the address bar shows. */
function arrive(): void {
  show(decideAddress(location.href));
}

function start(): void {
  document.documentElement.lang = words.language;
  document.documentElement.dir = words.direction;
  root.replaceChildren();
  arrive();
  addEventListener("hashchange", arrive);
  // Back, forward and session restore bring a page back as it was left: there must be nothing in it.
  addEventListener("pagehide", () => {
    render(null, root);
    if (address.page !== "compose") address = { page: "cleared" };
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) show(address);
  });
}

// A page that is rendered before anybody asked for it waits until somebody does.
const page = document as Document & { prerendering?: boolean };
if (page.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
else start();
