import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Catalogue } from "./catalogue.ts";

const Context = createContext<Catalogue | undefined>(undefined);

/** Gives the views below it their sentences. */
export const CatalogueProvider = Context.Provider;

/** The sentences in the language in use. Throws outside a CatalogueProvider. */
export function useCatalogue(): Catalogue {
  const catalogue = useContext(Context);
  if (catalogue === undefined) throw new Error("no catalogue is provided");
  return catalogue;
}
