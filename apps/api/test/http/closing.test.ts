import { once } from "node:events";
import { createConnection } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
afterEach(() => service.close());

const headers = Array.from({ length: 120 }, (_, at) => `X-${at}: 1\r\n`).join("");

test.each([
  ["an expectation", "GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: another\r\n\r\n"],
  ["too many headers", `GET /livez HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`],
  ["an address that decodes to nothing", "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
])("an open behind a request that is refused for %s takes no read", async (_why, refused) => {
  service = await runService();
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const id = await calls.protect(secret);
  const body = JSON.stringify({ linkProof: secret.linkProof, claim: randomText(32) });
  const socket = createConnection(service.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (bytes) => {
    answer += bytes;
  });
  socket.write(
    `${refused}POST /api/v1/secrets/${id}/open HTTP/1.1\r\nHost: localhost\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, "close");
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toHaveLength(1);
  const status = (await (await calls.status(id, secret.linkProof)).json()) as { state: string };
  expect(status.state).toBe("live");
});
