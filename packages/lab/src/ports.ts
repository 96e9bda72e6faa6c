import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * The first port to try. Linux gives outgoing connections ports from 32768 on. A lower port stays free until the program
 * of the test listens on it, and while that program restarts.
 */
const FIRST = 12_000;
const COUNT = 20_000;
/** Derived from the process id, so that two processes do not try the same ports. */
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
