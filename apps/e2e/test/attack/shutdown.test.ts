import { once } from "node:events";
import { connect } from "node:net";
import { until } from "@mayfly/lab/until";
import { expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { startApi, startService } from "../../src/service.ts";
import { sideBySide } from "../side-by-side.ts";
import { type Crowd, crowd, type Told } from "./crowd.ts";
import { bearer, opening, protect, type Sent } from "./sender.ts";

const SECRETS = 400;
const OPENERS = 32;
/** Answers that have come when the signal is sent: the rest is under way or still to come. */
const ANSWERED_FIRST = 60;

type Secret = Sent & { readonly claim: string };

/** The whole answer; or the system's error: the connection broke, or was never made. */
type Outcome = Told | string;

const open = (openers: Crowd, secret: Secret): Promise<Outcome> =>
  openers
    .ask(opening(secret, secret.claim))
    .catch((error: NodeJS.ErrnoException) => error.code ?? error.message);

/** The answer that is not "try again": a machine with much to do may say so at first. */
const insist = (ask: () => Promise<Outcome>): Promise<Outcome> =>
  until("another answer than 503", async () => {
    const told = await ask();
    return (typeof told === "string" || told.status !== 503) && told;
  });

sideBySide(keepings, "over %s, told to stop under load", (kind) => {
  test("a service takes no claim that it does not try to answer, and loses none", {
    timeout: 120_000,
  }, async () => {
    const service = await startService(await startKeeping(kind), { env: { MAYFLY_LEASE_SECONDS: "600" } });
    const before = crowd(service.origin, OPENERS);
    const secrets: Secret[] = [];
    const make = async () => ({ ...(await protect(before)), claim: newClaim() });
    while (secrets.length < SECRETS)
      secrets.push(...(await Promise.all(Array.from({ length: OPENERS }, make))));

    const outcomes = new Map<Secret, Outcome>();
    const waiting = [...secrets];
    const opener = async () => {
      for (let secret = waiting.pop(); secret; secret = waiting.pop()) {
        outcomes.set(secret, await open(before, secret));
        if (outcomes.size === ANSWERED_FIRST) service.apis[0]?.running.kill("SIGTERM");
      }
    };
    await Promise.all(Array.from({ length: OPENERS }, opener));
    before.leave();
    expect(await service.apis[0]?.running.ended).toBe(0);

    const again = await startApi(service.keeping, service.env);
    const after = crowd(again.origin, OPENERS);
    try {
      await until("the new process to be ready", async () => {
        const { status } = await after.ask({ method: "GET", path: "/readyz" });
        return status === 200;
      });
      const faults: string[] = [];
      const seen = { answered: 0, refused: 0, broken: 0 };
      for (const [secret, outcome] of outcomes) {
        const status = await insist(() =>
          after.ask({
            method: "POST",
            path: `/api/v1/secrets/${secret.id}/status`,
            headers: bearer(secret.manage),
          }),
        );
        const { state } = JSON.parse(String(typeof status === "string" ? null : status.body)) as {
          state: string;
        };
        // Refused: told so, or never let in. Broken: an answer was attempted, or nothing had been heard yet.
        const refused = outcome === "ECONNREFUSED" || (typeof outcome !== "string" && outcome.status === 503);
        const answered = typeof outcome !== "string" && outcome.status === 200;
        seen[answered ? "answered" : refused ? "refused" : "broken"] += 1;
        const right = answered ? state === "claimed" : !refused || state === "live";
        if (!right) faults.push(`${typeof outcome === "string" ? outcome : outcome.status}, then ${state}`);
        const reopened = await insist(() => open(after, secret));
        const bytes = typeof reopened === "string" ? reopened : reopened.body;
        if (!secret.envelope.equals(bytes as Buffer)) faults.push(`not given again: ${state}`);
      }
      expect(faults).toEqual([]);
      expect(outcomes.size).toBe(secrets.length);
      expect(seen.answered).toBeGreaterThanOrEqual(ANSWERED_FIRST / 2);
      expect(seen.refused + seen.broken).toBeGreaterThan(0);
    } finally {
      after.leave();
      await again.running.stop();
      await service.stop();
    }
  });
});

test("a client in the middle of its request keeps no service from ending in good order within ten seconds", async () => {
  const service = await startService(await startKeeping("sqlite"));
  const [api] = service.apis;
  const socket = connect(Number(new URL(service.origin).port), "127.0.0.1");
  try {
    socket.on("error", () => undefined);
    socket.write("POST /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
    socket.write("Expect: 100-continue\r\nContent-Length: 100\r\n\r\n{");
    await once(socket, "data");
    api?.running.kill("SIGTERM");
    // After ten seconds it would give up, with exit code 1.
    expect(await api?.running.ended).toBe(0);
  } finally {
    socket.destroy();
    await service.stop();
  }
});
