/** The service's addresses: for this process, and for the person who started the service. */
import { type Config, isLoopback } from "@mayfly/config";

type Listening = Pick<Config, "host" | "publicOrigin">;

/** The address to open in a browser: the public address, else one of this machine. */
export function addressToOpen({ host, publicOrigin }: Listening, port: number): string {
  return (
    publicOrigin ?? `http://${isLoopback(host) && host !== "::1" ? "localhost" : bracketed(host)}:${port}`
  );
}

/** The address at which this process reaches the API. */
export function addressToAsk({ host }: Listening, port: number): string {
  const anywhere = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${bracketed(anywhere)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
