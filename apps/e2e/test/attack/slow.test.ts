import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { residentBytes } from "@mayfly/lab/processes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { type Service, startService } from "../../src/service.ts";
import { type Crowd, crowd } from "./crowd.ts";
import { opening, protect, type Sent } from "./sender.ts";

/** Headers have ten seconds, everything else has a minute: so much lies between them that no busy machine hides which it was. */
const REQUEST_MS = 60_000;
const ANSWER_MS = 60_000;

const DRIP_MS = 1_000;
/** Five hundred in all. */
const SLOW_HEADERS = 342;
const SLOW_BODIES = 150;
const SLOW_READERS = 8;
const MIB = 1024 * 1024;
/** 7.5 MiB of payload in one part: more than the system takes off the service's hands for somebody who does not read. */
const LARGE = 62 + 7_864_320 + 120 * 16;

interface Ending {
  readonly status: string;
  readonly afterMs: number;
}

/** SQLite alone: none of these requests gets as far as the store, but for the readers' own. */
describe("while hundreds send and read a byte a second", { timeout: 180_000 }, () => {
  let service: Service;
  let ordinary: Crowd;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    service = await startService(await startKeeping("sqlite"), {
      env: {
        MAYFLY_PART_BYTES: String(8 * MIB),
        MAYFLY_ENVELOPE_MAX_BYTES: String(8 * MIB),
        MAYFLY_LEASE_SECONDS: "600",
      },
    });
    ordinary = crowd(service.origin, 2);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    ordinary?.leave();
    await service?.stop();
  });

  function dial(): Socket {
    const { hostname, port } = new URL(service.origin);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    sockets.push(socket);
    return socket;
  }

  /** Sends `head`, then a byte a second until the service ends it; never ends it by itself. */
  function drip(head: string): Promise<Ending> {
    return new Promise((resolve) => {
      const socket = dial();
      const began = performance.now();
      let answer = "";
      socket.write(head);
      const timer = setInterval(() => socket.write("x"), DRIP_MS);
      socket.on("data", (bytes) => (answer += bytes));
      socket.on("error", () => undefined);
      socket.on("close", () => {
        clearInterval(timer);
        resolve({ status: answer.slice(9, 12), afterMs: performance.now() - began });
      });
    });
  }

  /** Asks for a large part and hardly reads: until the service's end of the connection is gone. */
  async function readSlowly(secret: Sent, claim: string): Promise<number> {
    const socket = dial().pause();
    const began = performance.now();
    const body = JSON.stringify({ linkProof: secret.linkProof, claim });
    socket.write(
      `POST /api/v1/secrets/${secret.id}/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        socket.read(1);
        const { localPort = 0 } = socket;
        if (began + DRIP_MS > performance.now() || isHeld(localPort)) return;
        clearInterval(timer);
        resolve();
      }, DRIP_MS);
    });
    return performance.now() - began;
  }

  /** Whether the API still has the connection that the client knows by this port. */
  function isHeld(clientPort: number): boolean {
    const remote = `:${clientPort.toString(16).toUpperCase().padStart(4, "0")} 01 `;
    return readFileSync("/proc/net/tcp", "latin1")
      .split("\n")
      .some((line) => line.slice(19).includes(remote));
  }

  const residentMebibytes = () => residentBytes(service.apis[0]?.running.pid ?? 0) / 2 ** 20;

  test("each of them is ended in its time, everybody else is served, and memory holds no more than what was asked for", async () => {
    const secrets: Sent[] = [];
    while (secrets.length < SLOW_READERS) {
      secrets.push(await protect(ordinary, {}, LARGE));
    }
    const claims = secrets.map(() => newClaim());
    const memory = residentMebibytes();

    const endings = {
      headers: Promise.all(
        Array.from({ length: SLOW_HEADERS }, () => drip("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")),
      ),
      bodies: Promise.all(
        Array.from({ length: SLOW_BODIES }, () =>
          drip(
            "POST /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n",
          ),
        ),
      ),
      readers: Promise.all(secrets.map((secret, number) => readSlowly(secret, claims[number] ?? ""))),
    };
    let over = false;
    const all = Promise.all(Object.values(endings)).finally(() => {
      over = true;
    });
    const others: Record<number, number> = {};
    let highest = 0;
    while (!over) {
      const { status } = await ordinary.ask({ method: "GET", path: "/api/v1/service" });
      others[status] = (others[status] ?? 0) + 1;
      highest = Math.max(highest, residentMebibytes());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await all;

    for (const { status, afterMs } of await endings.headers) {
      expect(status).toBe("408");
      expect(afterMs).toBeLessThan(REQUEST_MS / 2);
    }
    for (const { status, afterMs } of await endings.bodies) {
      expect(status).toBe("408");
      expect(afterMs).toBeGreaterThan(REQUEST_MS / 2);
    }
    for (const afterMs of await endings.readers) {
      expect(afterMs).toBeGreaterThan(ANSWER_MS / 2);
    }
    expect(Object.keys(others)).toEqual(["200"]);
    // Each reader's part, once read from the store and once on its way; and what the collector leaves lying.
    expect(highest - memory).toBeLessThan(2 * SLOW_READERS * 8 + 96);

    for (const [number, secret] of secrets.entries()) {
      expect((await ordinary.insist(opening(secret, newClaim()))).status).toBe(410);
      const again = await ordinary.insist(opening(secret, claims[number] ?? ""));
      expect(again.body.equals(secret.envelope)).toBe(true);
    }
  });
});
