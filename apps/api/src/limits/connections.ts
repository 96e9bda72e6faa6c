import { BlockList, isIPv6 } from "node:net";
import type { FastifyInstance } from "fastify";
import { type Clients, hold, release } from "./clients.ts";

/** Of one process; a connection beyond them is closed unheard. Idle ones cost some 20 KB each. */
const MOST_CONNECTIONS = 10_000;

/** Of one client, so that none keeps all others out. */
export const CONNECTIONS_OF_ONE = 1_000;

/** Limits connections. `ofOne` null: not those of one client. A trusted proxy's are those of many clients. */
export function limitConnections(
  app: FastifyInstance,
  clients: Clients,
  ofOne: number | null,
  trustedProxies: readonly string[],
): void {
  app.server.maxConnections = MOST_CONNECTIONS;
  if (ofOne === null) return;
  const trusted = blockList(trustedProxies);
  app.server.on("connection", (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || isIn(trusted, remoteAddress)) return;
    const client = clients.of(remoteAddress);
    if (!hold(client, "connections", 1, ofOne)) {
      socket.destroy();
      return;
    }
    socket.once("close", () => release(client, "connections", 1));
  });
}

/** Of addresses and CIDRs that the configuration has checked. */
export function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, prefix === undefined ? (family === "ipv6" ? 128 : 32) : Number(prefix), family);
  }
  return list;
}

export function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
