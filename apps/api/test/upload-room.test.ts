import { createConnection } from "node:net";
import { expect, test } from "vitest";
import { UploadRoom } from "../src/upload-room.ts";
import { runService } from "./running-service.ts";
import { callsTo, sampleSecret } from "./sample-secret.ts";

const MIB = 1024 * 1024;

test("gives one client a share, and all together what there is", () => {
  const room = new UploadRoom(true);
  expect(room.enter("a", 32 * MIB)).toBe(true);
  expect(room.enter("a", 1)).toBe(false);
  for (const client of ["b", "c", "d", "e", "f", "g", "h"]) expect(room.enter(client, 32 * MIB)).toBe(true);
  expect(room.enter("i", 1)).toBe(false);
  room.leave("a", 32 * MIB);
  expect(room.enter("i", 1)).toBe(true);
});

test("lets one part pass that is larger than a share", () => {
  const room = new UploadRoom(true);
  expect(room.enter("a", 40 * MIB)).toBe(true);
  expect(room.enter("a", 1)).toBe(false);
});

test("answers 503 to a client who has a share of bodies on their way, before reading, and takes more when they are gone", async () => {
  const service = await runService({
    environment: {
      MAYFLY_RATE_LIMITS: "on",
      MAYFLY_PART_BYTES: String(8 * MIB),
      TRUSTED_PROXIES: "127.0.0.1",
    },
  });
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const reserved = await calls.reserve({
    lifetime: 300,
    reads: 1,
    bytes: secret.envelope.length,
    verifiers: secret.verifiers,
  });
  const { id } = (await reserved.json()) as { id: string };
  const deposit = async (from: string) => {
    const answer = await fetch(`${service.url}/api/v1/secrets/${id}/parts/0`, {
      method: "PUT",
      headers: {
        "content-type": "application/octet-stream",
        authorization: `Bearer ${secret.manageToken}`,
        "x-forwarded-for": from,
      },
      body: new Uint8Array(secret.envelope),
    });
    return [answer.status, ((await answer.json()) as { code?: string }).code];
  };
  const [slow, other] = ["192.0.2.1", "192.0.2.2"];
  const held = Array.from({ length: 4 }, () => createConnection(service.port, "127.0.0.1"));
  try {
    for (const socket of held) {
      socket.write(
        `PUT /api/v1/secrets/${id}/parts/0 HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${slow}\r\n` +
          `Content-Type: application/octet-stream\r\nContent-Length: ${8 * MIB}\r\n\r\nMFLY`,
      );
    }
    // The same bytes again are no change, until the service has seen all four heads.
    await expect.poll(() => deposit(slow), { timeout: 4_000 }).toEqual([503, "busy"]);
    expect(await deposit(other)).toEqual([201, undefined]);
  } finally {
    for (const socket of held) socket.destroy();
  }
  await expect.poll(() => deposit(slow), { timeout: 4_000 }).toEqual([201, undefined]);
  await service.close();
});
