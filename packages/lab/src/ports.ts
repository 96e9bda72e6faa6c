import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Below the ports that the system gives to whoever names none (from 32768 on, on Linux): between a test's choice of a port and
 * its program's listening, and while a program is away, no connection is given it.
 */
const FIRST = 12_000;
const COUNT = 20_000;
/** Each process begins elsewhere, so that two that run side by side do not choose the same. */
let next = process.pid * 211;

/** A port of the loopback that nobody listens on, and that this process has not named before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
}

/** True when `port` of the loopback can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** Listens on the loopback; the port. Rejects when it is taken. */
export async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}
