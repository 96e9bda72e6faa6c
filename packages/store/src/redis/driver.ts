import { Redis } from "ioredis";
import { StoreRefused } from "../errors.ts";
import type { Address } from "./address.ts";

const RECONNECT_MS = { first: 20, most: 500 } as const;
const CONNECT_MS = 2_000;
/** How long opening waits in all, for a server that is still loading its data. */
const OPEN_MS = 10_000;

export interface DriverSettings {
  readonly ca?: string | undefined;
  readonly sentinelPassword?: string | undefined;
}

/** The driver's client, not connected yet. With Sentinels, every new connection asks them for the primary. */
export function createDriver(
  address: Address,
  commandTimeoutMs: number,
  { ca, sentinelPassword }: DriverSettings,
): Redis {
  const { host, port, sentinels } = address;
  return new Redis({
    ...(sentinels === undefined
      ? { host, port }
      : {
          sentinels: sentinels.at.map((place) => ({ ...place })),
          name: sentinels.group,
          sentinelRetryStrategy: () => RECONNECT_MS.most,
          ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
        }),
    db: address.db,
    ...(address.username === null ? {} : { username: address.username }),
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    connectionName: "mayfly",
    protocol: 2,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: commandTimeoutMs,
    // A connection without an answer for this long is dead. Otherwise only TCP keep-alive would notice.
    socketTimeout: 2 * commandTimeoutMs,
    enableOfflineQueue: false,
    // The driver's own resending is off: it would resend commands whose callers were told that they failed.
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: RECONNECT_MS.most,
    // A demoted primary: the next connection finds its successor.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    retryStrategy: (times) => Math.min(RECONNECT_MS.first * 2 ** (times - 1), RECONNECT_MS.most),
  });
}

/**
 * Connects for the first time. Later the driver reconnects by itself.
 * @throws StoreRefused if the server cannot be reached or refuses the credentials.
 */
export async function connectDriver(driver: Redis, { host, port, sentinels }: Address): Promise<void> {
  // The driver prints an error without a listener, arguments included. Callers get it as a fault.
  let refusal = "could not be reached";
  driver.on("error", (error: Error) => {
    if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(error.message)) refusal = "refused the user name or password";
  });
  const timeout = setTimeout(() => driver.disconnect(), OPEN_MS);
  try {
    await driver.connect();
  } catch {
    driver.disconnect();
    const where = sentinels === undefined ? `Redis at ${host}:${port}` : `The primary of ${sentinels.group}`;
    throw new StoreRefused([`${where} ${refusal}.`]);
  } finally {
    clearTimeout(timeout);
  }
}
