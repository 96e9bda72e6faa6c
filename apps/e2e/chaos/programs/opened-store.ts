import type { Config } from "@mayfly/config";
import { openStore, type Store } from "@mayfly/store";
import { steppedClock } from "../lab/stepped-clock.ts";
import { wrongStore } from "../wrong/wrong-store.ts";
import type { Told } from "./told.ts";

/** The configured store, over the run's clock where it takes one, or the wrong one in its place. */
export async function openedStore({ store }: Config, { clockFile, wrong }: Told): Promise<Store> {
  const options = store.kind === "sqlite" ? { ...store, clock: steppedClock(clockFile) } : store;
  return wrong === null ? openStore(options) : wrongStore(wrong, options);
}
