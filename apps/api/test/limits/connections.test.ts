import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { CONNECTIONS_OF_ONE } from "../../src/limits/connections.ts";
import { type RunningService, runService } from "../running-service.ts";

let service: RunningService;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await service.close();
});

async function open(localAddress: string): Promise<Socket> {
  const socket = connect({ port: service.port, host: "127.0.0.1", localAddress });
  socket.on("error", () => undefined);
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}

/** Whether the service listens on this connection. */
async function answers(socket: Socket): Promise<boolean> {
  socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return new Promise((resolve) => {
    socket.once("data", () => resolve(true)).once("close", () => resolve(false));
  });
}

test("closes what one client opens beyond its share, goes on with others, and takes more when some are closed", async () => {
  service = await runService({ environment: { MAYFLY_RATE_LIMITS: "on" } });
  for (let opened = 0; opened < CONNECTIONS_OF_ONE; opened++) await open("127.0.0.2");
  expect(await answers(sockets.at(-1) as Socket)).toBe(true);
  expect(await answers(await open("127.0.0.2"))).toBe(false);
  expect(await answers(await open("127.0.0.3"))).toBe(true);
  sockets[0]?.destroy();
  await expect.poll(async () => answers(await open("127.0.0.2")), { timeout: 10_000 }).toBe(true);
});

test("does not count the connections of a trusted proxy as one client's", async () => {
  service = await runService({ environment: { MAYFLY_RATE_LIMITS: "on", TRUSTED_PROXIES: "127.0.0.2" } });
  for (let opened = 0; opened < CONNECTIONS_OF_ONE; opened++) await open("127.0.0.2");
  expect(await answers(await open("127.0.0.2"))).toBe(true);
});
