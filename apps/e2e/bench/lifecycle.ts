/**
 * What one secret's life (reserve, deposit, open, acknowledge) costs the server, as its own CPU time, beside a floor in the same
 * run: bare Fastify that takes the same four requests and does one store command for each. Rounds alternate, so that a
 * machine whose speed drifts moves both.
 *
 *   node apps/e2e/bench/lifecycle.ts [sqlite|redis] [--bytes 1024] [--lifecycles 4000] [--rounds 5]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ENVELOPE_MAGIC, isEnvelopeLength } from "@mayfly/wire";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bytes: { type: "string", default: "1024" },
    lifecycles: { type: "string", default: "4000" },
    rounds: { type: "string", default: "5" },
    connections: { type: "string", default: "32" },
  },
});
const kinds = positionals.length > 0 ? positionals : ["sqlite", "redis"];
const connections = Number(values.connections);
const TICKS_PER_SECOND = 100;

let envelopeBytes = Number(values.bytes);
while (!isEnvelopeLength(envelopeBytes)) envelopeBytes++;

const root = fileURLToPath(new URL("../../../", import.meta.url));
const children: ChildProcess[] = [];
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

interface Server {
  readonly name: string;
  readonly pid: number;
  readonly lifecycle: (agent: Agent) => Promise<void>;
}

function start(command: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  children.push(child);
  child.stderr?.resume();
  return child;
}

async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await ready().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what} did not come up`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function send(
  agent: Agent,
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
) {
  return new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: "127.0.0.1",
        port,
        method,
        path,
        headers: { ...headers, "content-length": body.length },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };
const text = (bytes: Buffer) => bytes.toString("base64url");
const verifier = (bytes: Buffer) => createHash("sha256").update(bytes).digest("base64url");
const envelope = Buffer.concat([ENVELOPE_MAGIC, randomBytes(envelopeBytes - ENVELOPE_MAGIC.length)]);

async function lifecycle(agent: Agent, port: number): Promise<void> {
  const [link, manage, claim] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const json = (path: string, body: unknown) =>
    send(agent, port, "POST", path, JSON_TYPE, Buffer.from(JSON.stringify(body)));
  const reserved = await json("/api/v1/secrets", {
    lifetime: 3600,
    reads: 1,
    bytes: envelopeBytes,
    verifiers: { link: verifier(link), manage: verifier(manage) },
  });
  const { id } = JSON.parse(reserved.body.toString()) as { id: string };
  const path = `/api/v1/secrets/${id}`;
  const octets = { "content-type": "application/octet-stream", authorization: `Bearer ${text(manage)}` };
  const deposited = await send(agent, port, "PUT", `${path}/parts/0`, octets, envelope);
  const opened = await json(`${path}/open`, { linkProof: text(link), claim: text(claim) });
  const acknowledged = await json(`${path}/acknowledge`, { claim: text(claim) });
  const statuses = [reserved, deposited, opened, acknowledged].map(({ status }) => status);
  if (statuses.join() !== "201,201,200,204" || !opened.body.equals(envelope))
    throw new Error(`a lifecycle failed: ${statuses.join()}`);
}

/** Seconds of CPU that the process has used. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function run(server: Server, lifecycles: number): Promise<{ cpuMicros: number; perSecond: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = lifecycles;
  const work = async () => {
    while (left-- > 0) await server.lifecycle(agent);
  };
  const before = cpuSeconds(server.pid);
  const begun = performance.now();
  await Promise.all(Array.from({ length: connections }, work));
  const seconds = (performance.now() - begun) / 1000;
  const cpu = cpuSeconds(server.pid) - before;
  agent.destroy();
  return { cpuMicros: (cpu / lifecycles) * 1e6, perSecond: lifecycles / seconds };
}

const median = (numbers: number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

async function serve(
  name: string,
  script: string,
  port: number,
  env: Record<string, string>,
): Promise<Server> {
  const child = start(process.execPath, [join(root, script)], { PORT: String(port), ...env });
  await until(name, async () => (await fetch(`http://127.0.0.1:${port}/livez`)).ok);
  return { name, pid: child.pid ?? 0, lifecycle: (agent) => lifecycle(agent, port) };
}

async function measure(kind: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-bench-"));
  const env: Record<string, string> = {
    MAYFLY_RATE_LIMITS: "off",
    DATA_DIR: join(folder, "data"),
    LOG_LEVEL: "error",
  };
  const mine: ChildProcess[] = [];
  if (kind === "redis") {
    const port = await freePort();
    mine.push(
      start("redis-server", ["--port", String(port), "--save", "", "--dir", folder, "--bind", "127.0.0.1"]),
    );
    env.REDIS_URL = `redis://127.0.0.1:${port}`;
  }
  const floorFolder = join(folder, "floor");
  const apiPort = await freePort();
  const first = children.length;
  const floor = await serve("floor", "apps/e2e/bench/floor.ts", await freePort(), {
    ...env,
    DATA_DIR: floorFolder,
  });
  const api = await serve("mayfly", "apps/api/src/main.ts", apiPort, env);
  start(process.execPath, [join(root, "apps/worker/src/main.ts")], env);
  await until("the first sweep", async () => (await fetch(`http://127.0.0.1:${apiPort}/readyz`)).ok);

  const lifecycles = Number(values.lifecycles);
  for (const server of [floor, api]) await run(server, Math.min(1000, lifecycles));
  const rounds: { floor: Awaited<ReturnType<typeof run>>; api: Awaited<ReturnType<typeof run>> }[] = [];
  for (let round = 0; round < Number(values.rounds); round++)
    rounds.push({ floor: await run(floor, lifecycles), api: await run(api, lifecycles) });

  const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick));
  const ratios = rounds.map((round) => round.api.cpuMicros / round.floor.cpuMicros);
  process.stdout.write(
    `${kind}, ${envelopeBytes} B envelopes, ${connections} connections, ${rounds.length} × ${lifecycles} lifecycles\n` +
      `  floor   ${of((r) => r.floor.cpuMicros).toFixed(0)} µs CPU per lifecycle, ${of((r) => r.floor.perSecond).toFixed(0)}/s\n` +
      `  mayfly  ${of((r) => r.api.cpuMicros).toFixed(0)} µs CPU per lifecycle, ${of((r) => r.api.perSecond).toFixed(0)}/s\n` +
      `  ratio   ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)})\n`,
  );
  for (const child of [...children.slice(first), ...mine]) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores\n`);
for (const kind of kinds) await measure(kind);
process.exit(0);
