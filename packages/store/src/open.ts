import type { Store } from "./contract/store.ts";
import type { StoreOptions } from "./options.ts";

/**
 * Opens the configured store; only its own driver is loaded. Throws `StoreRefused` when it is not usable as declared.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.kind === "redis") {
    const { openRedisStore } = await import("./redis/store.ts");
    return openRedisStore(options);
  }
  const { openSqliteStore } = await import("./sqlite/store.ts");
  return openSqliteStore(options);
}
