import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Kept {
  bytes: number;
  reads: number | "unlimited";
  verifiers: { link: string; passphrase?: string; manage: string };
  parts: (Buffer | undefined)[];
  claim?: string;
  attemptsLeft: number;
  acknowledged: boolean;
  burned: boolean;
}

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** What to do to a request instead of, or after, serving it: see `Fault` values where they are used. */
export type Fault = (
  seen: Seen,
  response: ServerResponse,
) => "serve" | "drop_after" | "silent_after" | "answered";

interface Control {
  fault: Fault;
  corrupt: boolean;
  leaseSeconds: number;
  depositSeconds: number;
  /** How far the service's clock goes wrong. */
  clockMs: number;
}

const time = "2030-01-02T03:04:05.000Z";
const hash = (text: string) =>
  createHash("sha256").update(Buffer.from(text, "base64url")).digest("base64url");

/** A real HTTP server that keeps secrets in memory and speaks just enough of the protocol to hold a client against. */
export async function startTinyService(partBytes = 256 * 1024) {
  const kept = new Map<string, Kept>();
  const seen: Seen[] = [];
  const usual = (): Control => ({
    fault: () => "serve",
    corrupt: false,
    leaseSeconds: 60,
    depositSeconds: 600,
    clockMs: 0,
  });
  const control = usual();
  const timeIn = (seconds: number) => new Date(Date.now() + control.clockMs + seconds * 1000).toISOString();
  const leased = () => ({ "Mayfly-Lease-Ends": timeIn(control.leaseSeconds) });

  function serve({ method, url, headers, body }: Seen): {
    status: number;
    json?: object;
    part?: Buffer;
    more?: object;
  } {
    const problem = (status: number, code: string, more: object = {}) => ({
      status,
      json: { code, status, ...more },
    });
    if (url === "/api/v1/service") return { status: 200, json: service };
    const json = headers["content-type"] === "application/json" ? JSON.parse(body.toString()) : {};
    if (url === "/api/v1/secrets") {
      const id = randomBytes(16).toString("base64url");
      const parts = Math.ceil(json.bytes / partBytes);
      kept.set(id, {
        ...json,
        parts: Array(parts).fill(undefined),
        attemptsLeft: 10,
        acknowledged: false,
        burned: false,
      });
      const depositBy = timeIn(control.depositSeconds);
      return { status: 201, json: { id, parts, partBytes, depositBy } };
    }
    const [, , , , id = "", verb = "", part = "0"] = url.split("/");
    const secret = kept.get(id);
    if (!secret) return problem(404, "not_found");
    const managed = hash((headers.authorization ?? "").slice(7)) === secret.verifiers.manage;
    if (method === "PUT" && managed) {
      secret.parts[Number(part)] = body;
      const missing = [...secret.parts.keys()]
        .filter((index) => !secret.parts[index])
        .map((index) => [index, index]);
      if (missing.length > 0) return { status: 200, json: { state: "reserved", missing } };
      return { status: 201, json: { state: "live", expiresAt: time } };
    }
    if (method === "DELETE" && managed) {
      secret.burned = true;
      return { status: 204 };
    }
    if (verb === "status" && (managed || hash(json.linkProof ?? "") === secret.verifiers.link)) {
      const state = secret.burned ? "burned" : "live";
      const passphrase = secret.verifiers.passphrase !== undefined;
      const attemptsLeft = passphrase ? secret.attemptsLeft : null;
      return {
        status: 200,
        json: { state, expiresAt: time, readsLeft: secret.reads, passphrase, attemptsLeft },
      };
    }
    if (secret.burned) return problem(410, "gone", { state: "burned", endedAt: time });
    if (verb === "acknowledge") {
      if (json.claim !== secret.claim) return problem(404, "not_found");
      secret.acknowledged = true;
      return { status: 204 };
    }
    if (verb === "parts") return { status: 200, part: secret.parts[Number(part)] as Buffer, more: leased() };
    if (verb !== "open" || hash(json.linkProof) !== secret.verifiers.link) return problem(404, "not_found");
    if (secret.verifiers.passphrase) {
      if (!json.passphraseProof) return problem(403, "passphrase_required");
      if (hash(json.passphraseProof) !== secret.verifiers.passphrase) {
        return problem(403, "wrong_passphrase", { attemptsLeft: --secret.attemptsLeft });
      }
    }
    secret.claim ??= json.claim;
    if (secret.claim !== json.claim) return problem(410, "gone", { state: "opened", endedAt: time });
    const more = {
      "Mayfly-Parts": secret.parts.length,
      "Mayfly-Bytes": secret.bytes,
      "Mayfly-Reads-Left": 0,
      ...leased(),
    };
    return { status: 200, part: secret.parts[0] as Buffer, more };
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one: Seen = {
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    seen.push(one);
    response.setHeader("Date", new Date(timeIn(0)).toUTCString());
    const fate = control.fault(one, response);
    if (fate === "answered") return;
    const { status, json, part, more } = serve(one);
    if (fate === "drop_after") return void request.socket.destroy();
    if (fate === "silent_after") return;
    response.writeHead(status, { ...more });
    const bytes = part && Buffer.from(part);
    if (bytes && control.corrupt) bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    response.end(bytes ?? (json && JSON.stringify(json)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kept,
    seen,
    control,
    /** Forgets what was asked, and serves everything again. The secrets stay. */
    reset: () => {
      Object.assign(control, usual());
      seen.length = 0;
    },
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

export const service = {
  state: "accepting",
  since: time,
  version: "0.1.0",
  limits: {
    lifetimeSeconds: { min: 300, default: 86_400, max: 2_592_000 },
    readsMax: 100,
    envelopeBytes: 67_108_864,
    partBytes: 1_048_576,
    leaseSeconds: 60,
    passphraseAttempts: 10,
  },
  maintenance: { lastSweepAt: time, nextSweepBy: null, erasedWithinSeconds: 10 },
};
