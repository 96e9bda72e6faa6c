import type { Store } from "./contract/store.ts";
import type { StoreOptions } from "./options.ts";

/**
 * Opens the configured store and loads only its driver.
 * @throws StoreRefused if the store is not usable as declared.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.kind === "redis") {
    const { openRedisStore } = await import("./redis/store.ts");
    return openRedisStore(options);
  }
  const { openSqliteStore } = await import("./sqlite/store.ts");
  return openSqliteStore(options);
}
