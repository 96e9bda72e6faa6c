/** Stores as they are commonly written, wrong on purpose: a run over each of them has to find the violation. */
import { openStore, type Store, type StoreOptions } from "@mayfly/store";
import { getDel, readThenDelete, setThenExpire } from "./redis-stores.ts";
import { weakenSecureDelete } from "./secure-delete.ts";

export const wrongStores = ["getdel", "read-then-delete", "set-then-expire", "secure-delete-fast"] as const;
export type WrongStore = (typeof wrongStores)[number];

export async function wrongStore(name: string, options: StoreOptions): Promise<Store> {
  switch (name as WrongStore) {
    case "getdel":
      return getDel(options);
    case "read-then-delete":
      return readThenDelete(options);
    case "set-then-expire":
      return setThenExpire(options);
    case "secure-delete-fast":
      weakenSecureDelete();
      return openStore(options);
    default:
      throw new Error(`there is no wrong store ${name}`);
  }
}
