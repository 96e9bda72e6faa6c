import { service as askService, type Connection } from "@mayfly/client";
import type { Service } from "@mayfly/wire";
import { useEffect, useState } from "preact/hooks";

const pollMilliseconds = 5_000;

/**
 * The service's last description of itself; undefined until its first answer. The page asks when `occasion` changes,
 * and polls until the service accepts secrets; `onAccepting` is then called. `occasion` null: never asks.
 */
export function useService(
  connection: Connection,
  occasion: string | null,
  onAccepting: () => void,
): Service | undefined {
  const [service, setService] = useState<Service>();
  useEffect(() => {
    if (occasion === null) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function ask() {
      const told = await askService(connection, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) return;
      if (told) setService(told);
      if (told?.state === "accepting") onAccepting();
      else timer = setTimeout(ask, pollMilliseconds);
    }
    ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [connection, occasion]);
  return service;
}
