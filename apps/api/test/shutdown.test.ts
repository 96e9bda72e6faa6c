import { createConnection, type Socket } from "node:net";
import { expect, test } from "vitest";
import { OUR_POLICY, overriding, runService } from "./running-service.ts";

const GET = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";

function connect(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1", () => resolve(socket)).on("error", reject);
  });
}

async function untilRefused(port: number): Promise<void> {
  for (;;) {
    try {
      (await connect(port)).destroy();
    } catch {
      return;
    }
  }
}

test("while it closes, it finishes what runs, and answers 503 with our headers to what still comes", async () => {
  const held = Promise.withResolvers<boolean>();
  const entered = Promise.withResolvers<void>();
  const service = await runService({
    wrapStore: (store) =>
      overriding(store, {
        canWrite: () => {
          entered.resolve();
          return held.promise;
        },
      }),
  });
  const socket = await connect(service.port);
  let answers = "";
  socket.on("data", (chunk) => (answers += chunk));
  const ended = new Promise((resolve) => socket.on("close", resolve));

  socket.write(GET);
  await entered.promise;
  const closed = service.closeGracefully();
  await untilRefused(service.port);
  socket.write(GET);
  // Client and server share this event loop: two turns have the server read what was written in the first.
  for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
  held.resolve(true);
  await Promise.all([ended, closed]);

  const [first = "", second = ""] = answers.split(/(?=HTTP\/1\.1 )/);
  expect(first).toMatch(/^HTTP\/1\.1 200 /);
  expect(second).toMatch(/^HTTP\/1\.1 503 /);
  expect(second).toMatch(OUR_POLICY);
  expect(second).toContain("connection: close");
  expect(second).toContain('"code":"unavailable"');
});
