import { createConnection, type Socket } from "node:net";
import { residentBytes } from "@mayfly/lab/processes";
import { until } from "@mayfly/lab/until";
import { expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { type Api, startService } from "../../src/service.ts";
import { crowd } from "./crowd.ts";
import { opening, protect } from "./sender.ts";

const MIB = 1024 * 1024;
/** More than the system takes off the service's hands: 7.5 MiB of payload. */
const PART = 62 + 7_864_320 + 120 * 16;
const ADDRESSES = 9;
/** Of one client: 32 MiB. */
const OF_ONE = 4;
const CONNECTIONS = 180;

test.each(keepings)(
  "over %s, parts that nobody reads are refused by bytes, cost the service less than 300 MB, and others go on",
  { timeout: 120_000 },
  async (kind) => {
    const service = await startService(await startKeeping(kind), {
      env: { MAYFLY_RATE_LIMITS: "on", MAYFLY_PART_BYTES: String(8 * MIB) },
    });
    const sockets: Socket[] = [];
    const clients = crowd(service.origin, 2);
    const [api] = service.apis as [Api];
    const memory = () => residentBytes(api.running.pid);
    try {
      const [own, other] = [await protect(clients, {}, PART), await protect(clients)];
      const claim = newClaim();
      await until("a read", async () => (await clients.ask(opening(own, claim))).status === 200);
      const before = memory();
      const body = JSON.stringify({ claim });
      const { host, port } = new URL(service.origin);
      const statuses: (string | undefined)[] = [];
      for (let number = 0; number < CONNECTIONS; number++) {
        const localAddress = `127.0.0.${2 + (number % ADDRESSES)}`;
        const socket = createConnection({ host: "127.0.0.1", port: Number(port), localAddress });
        sockets.push(socket);
        socket.on("error", () => undefined);
        // The status alone is read.
        socket.once("readable", () => (statuses[number] = String(socket.read(12)).slice(9)));
        socket.write(
          `POST /api/v1/secrets/${own.id}/parts/0 HTTP/1.1\r\nHost: ${host}\r\n` +
            `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      }
      await until("all to be answered", () => Object.keys(statuses).length === CONNECTIONS, 60_000);
      expect(memory() - before).toBeLessThan(300 * MIB);
      const begun = statuses.filter((status) => status === "200");
      expect(begun.length).toBeGreaterThan(0);
      expect(begun.length).toBeLessThanOrEqual(ADDRESSES * OF_ONE);
      expect(statuses.filter((status) => status === "503")).toHaveLength(CONNECTIONS - begun.length);
      const read = await until("another's read", async () => {
        const answer = await clients.ask(opening(other, claim));
        return answer.status === 200 && answer;
      });
      expect(read.body).toEqual(other.envelope);
    } finally {
      for (const socket of sockets) socket.destroy();
      clients.leave();
      await service.stop();
    }
  },
);
