import type { Socket } from "node:net";
import { Redis } from "ioredis";
import { StoreRefused, StoreUnavailable } from "../errors.ts";
import type { ReplicaWait } from "../options.ts";
import type { Address } from "./address.ts";
import type { Answer } from "./answer.ts";
import { within } from "./deadline.ts";
import { faultOf, Moved, unavailable } from "./faults.ts";
import { parseInfo } from "./info.ts";
import type { Script } from "./record.ts";
import { type Argument, ScriptCommand, type ScriptForm } from "./script-command.ts";
import { type ServerRun, serverRunIn } from "./server-run.ts";
import { StoreClock } from "./store-clock.ts";

const RECONNECT_MS = { first: 20, most: 500 } as const;
const CONNECT_MS = 2_000;
/** How long opening waits in all, for a server that still loads its data. */
const OPEN_MS = 10_000;

export type { Argument } from "./script-command.ts";

/** Asks, before the first step on a connection, whether it leads to the store that is remembered. */
export interface Gate {
  /** No step is taken. */
  readonly closed: boolean;
  /** Another one than before: each connection must ask again. */
  readonly generation: number;
  /** What the steps are bound to. Throws StoreUnavailable when none may be taken. */
  join(connection: Connection, run: ServerRun): Promise<string>;
}

export interface ConnectionSettings {
  readonly gate?: Gate | undefined;
  readonly clock?: StoreClock;
  readonly ca?: string | undefined;
  readonly sentinelPassword?: string | undefined;
}

/** What a verb needs of Redis: to run a script as one step and have its answer, or StoreUnavailable. */
export interface Steps {
  /** `deadline`, on `performance.now()`: nothing is sent after it, for the caller is answered by then. The command timeout when left out. */
  execute(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    deadline?: number,
  ): Promise<Answer>;
}

/** Steps over all keys of the store, and what their answers have in common. */
export interface Keyspace extends Steps {
  readonly clock: StoreClock;
  /** Throws StoreUnavailable after close(). */
  requireOpen(): void;
}

/**
 * One connection to Redis. Every promise settles within the command timeout, with an answer or with StoreUnavailable.
 *
 * A command whose connection broke before its answer came may have run: it is sent again once, within its own time, which
 * every script of this store bears. The driver's own re-sending is not used: it also re-sends, after any outage, commands whose
 * caller was told long ago that they failed. So the driver drops them when the connection closes (`maxRetriesPerRequest: 0`)
 * and nothing runs after its promise has settled, save what the server had already received.
 */
export class Connection implements Keyspace {
  readonly clock: StoreClock;
  readonly #client: Redis;
  readonly #commandTimeoutMs: number;
  #ready: Promise<void> | undefined;
  #meeting: Promise<void> | undefined;
  #run: ServerRun | null = null;
  #met = false;
  #closed = false;
  readonly #gate: Gate | undefined;
  /** The gate's generation in which this connection was let in; null: not since it was made. */
  #joinedIn: number | null = null;
  #joining: Promise<void> | undefined;

  private constructor(client: Redis, commandTimeoutMs: number, clock: StoreClock, gate: Gate | undefined) {
    this.#client = client;
    this.#gate = gate;
    this.clock = clock;
    this.#commandTimeoutMs = commandTimeoutMs;
    client.on("connect", () => this.#meet());
    client.on("ready", () => {
      if (this.#run === null) this.#meet();
    });
  }

  /** The run of the server that this connection leads to; null while there is none, or where the server does not tell. */
  get run(): ServerRun | null {
    return this.#client.status === "ready" ? this.#run : null;
  }

  /**
   * Throws StoreRefused when the server cannot be reached or entered. Connections of one store share their clock. With Sentinels every
   * new connection asks them for the primary.
   */
  static async open(
    address: Address,
    commandTimeoutMs: number,
    { clock = new StoreClock(), ca, sentinelPassword, gate }: ConnectionSettings = {},
  ): Promise<Connection> {
    const { host, port, sentinels } = address;
    const client = new Redis({
      ...(sentinels === undefined
        ? { host, port }
        : {
            sentinels: sentinels.at.map((place) => ({ ...place })),
            name: sentinels.group,
            sentinelRetryStrategy: () => RECONNECT_MS.most,
            ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
          }),
      db: address.db,
      ...(address.username === null ? {} : { username: address.username }),
      ...(address.password === null ? {} : { password: address.password }),
      ...(address.tls ? { tls: ca === undefined ? {} : { ca } } : {}),
      connectionName: "mayfly",
      protocol: 2,
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      commandTimeout: commandTimeoutMs,
      // A connection that owes an answer for this long is dead; without it only TCP keep-alive would find out.
      socketTimeout: 2 * commandTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      maxLoadingRetryTime: RECONNECT_MS.most,
      // A primary that was demoted: the next connection finds its successor.
      reconnectOnError: (error) => error.message.startsWith("READONLY"),
      retryStrategy: (times) => Math.min(RECONNECT_MS.first * 2 ** (times - 1), RECONNECT_MS.most),
    });
    // The driver prints an error that nobody listens to, arguments and all. What matters of it reaches the callers as a fault.
    let refusal = "could not be reached";
    client.on("error", (error: Error) => {
      if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(error.message)) refusal = "refused the user name or password";
    });
    const connection = new Connection(client, commandTimeoutMs, clock, gate);
    const patience = setTimeout(() => client.disconnect(), OPEN_MS);
    try {
      await client.connect();
    } catch {
      client.disconnect();
      const where =
        sentinels === undefined ? `Redis at ${host}:${port}` : `The primary of ${sentinels.group}`;
      throw new StoreRefused([`${where} ${refusal}.`]);
    } finally {
      clearTimeout(patience);
    }
    await connection.#meeting;
    connection.#met = true;
    return connection;
  }

  /**
   * Runs a script with the highest store time seen as its first argument, and as its last two whether replicas are waited for and the
   * server run's binding. Its answer begins with the store's time. Where replicas are to confirm it and too few do, it throws
   * `replicas`: the step was done all the same, and may be sent again. Such a connection serves one step at a time.
   */
  async execute(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    deadline = this.#deadline(),
    replicas?: ReplicaWait,
  ): Promise<Answer> {
    const send = (): Promise<unknown> => {
      if (this.#run === null)
        throw new StoreUnavailable(this.#client.status === "ready" ? "failed" : "connection");
      if (!this.#isJoined) return this.#joinFirst(send, deadline);
      const words = [...keys, this.clock.mark, ...args, replicas === undefined ? 0 : 1, this.#run.binding];
      if (replicas !== undefined) return this.#confirmed(script, words, replicas, deadline);
      return this.#send(script, words, "digest").catch((error: unknown) => {
        if (!isUnknown(error)) throw error;
        return inTime(deadline, () => this.#send(script, words, "whole"));
      });
    };
    const answer = (await this.#settled(deadline, send)) as Answer;
    this.clock.see(answer[0] as number);
    return answer;
  }

  /** Runs a script for the gate itself. Its answer does not count as one of the store's until the gate has judged it. */
  ask(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer> {
    const deadline = this.#deadline();
    return this.#settled(deadline, () => {
      if (this.#run === null) throw new StoreUnavailable("connection");
      const words = [...keys, this.clock.mark, ...args, 0, this.#run.binding];
      return this.#send(script, words, "digest").catch((error: unknown) => {
        if (!isUnknown(error)) throw error;
        return inTime(deadline, () => this.#send(script, words, "whole"));
      });
    }) as Promise<Answer>;
  }

  /** Asks the gate again, in the middle of what takes long. Throws StoreUnavailable. */
  async join(): Promise<void> {
    const run = this.#run;
    if (run === null) throw new StoreUnavailable("connection");
    this.#joining ??= (this.#gate?.join(this, run) ?? Promise.resolve(run.binding))
      .then((binding) => {
        if (this.#run !== run) return;
        if (binding !== run.binding) this.#run = { ...run, binding };
        this.#joinedIn = this.#gate?.generation ?? null;
      })
      .finally(() => {
        this.#joining = undefined;
      });
    await this.#joining;
  }

  get #isJoined(): boolean {
    const gate = this.#gate;
    return gate === undefined || (!gate.closed && this.#joinedIn === gate.generation);
  }

  async #joinFirst(send: () => Promise<unknown>, deadline: number): Promise<unknown> {
    const left = deadline - performance.now();
    if (left < 1) throw new StoreUnavailable("timeout");
    return within(left, "timeout", async (late) => {
      await this.join();
      if (late()) throw new StoreUnavailable("timeout");
      return send();
    });
  }

  #send(script: Script, words: readonly Argument[], form: ScriptForm): Promise<unknown> {
    return this.#client.sendCommand(new ScriptCommand(script, words, form)) as Promise<unknown>;
  }

  /** A script, and in the same packet the wait for its confirmation: also when the server has forgotten the script, and is sent it. */
  async #confirmed(
    script: Script,
    words: readonly Argument[],
    { count, withinMs }: ReplicaWait,
    deadline: number,
  ): Promise<Answer> {
    const send = (form: ScriptForm) =>
      Promise.allSettled([this.#send(script, words, form), this.#client.call("WAIT", count, withinMs)]);
    let [step, wait] = await send("digest");
    if (step.status === "rejected" && isUnknown(step.reason))
      [step, wait] = await inTime(deadline, () => send("whole"));
    if (step.status === "rejected") throw step.reason;
    if (wait.status === "rejected") throw wait.reason;
    if (!(Number(wait.value) >= count)) throw new StoreUnavailable("replicas");
    return step.value as Answer;
  }

  /** Any other command: it must be safe to run twice. */
  command(name: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.#settled(this.#deadline(), () => this.#client.call(name, ...args));
  }

  requireOpen(): void {
    if (this.#closed) throw new StoreUnavailable("closed");
  }

  /** Waits for the answers that are due, then closes. Afterwards everything is refused as `closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#client.status === "ready") await this.#client.quit().catch(() => undefined);
    this.#client.disconnect();
  }

  /**
   * Asks a new connection which run it leads to. The driver lets INFO through before the connection is ready, and is ready only after
   * an INFO of its own, sent later (ioredis 6.0.0): so the run is known before anything else can be sent. A server that was loading is
   * asked again when it is ready; until it has answered, scripts are refused.
   */
  #meet(): void {
    this.#run = null;
    this.#joinedIn = null;
    this.#meeting = this.#client.info().then(
      (text) => {
        this.#run = serverRunIn(text);
        // The Sentinels have not heard yet; by the next attempt they may.
        if (this.#met && parseInfo(text).get("role") === "slave") this.#client.disconnect(true);
      },
      (error: unknown) => {
        if (faultOf(error) === "timeout") this.#client.disconnect(true);
      },
    );
  }

  #deadline(): number {
    return performance.now() + this.#commandTimeoutMs;
  }

  async #settled(deadline: number, send: () => Promise<unknown> | undefined): Promise<unknown> {
    this.requireOpen();
    this.#gather();
    const inFlight = this.#client.status === "ready";
    try {
      return await send();
    } catch (error) {
      const failure = unavailable(error);
      const left = deadline - performance.now();
      const lost = failure.reason === "connection" && !(failure instanceof Moved);
      if (lost && inFlight && left > 1 && !this.#closed) return this.#again(send, left);
      throw failure;
    }
  }

  /** What is sent within one turn of the event loop leaves in one system call: half of a command's cost is its write. */
  #gather(): void {
    const stream: Socket | undefined = this.#client.stream;
    if (stream === undefined || stream.writableCorked > 0) return;
    stream.cork();
    setImmediate(() => stream.uncork());
  }

  #again(send: () => Promise<unknown> | undefined, leftMs: number): Promise<unknown> {
    return within(leftMs, "connection", async (late) => {
      await this.#whenReady();
      if (late()) throw new StoreUnavailable("connection");
      try {
        return await send();
      } catch (error) {
        throw unavailable(error);
      }
    });
  }

  /** Resolves when there is a connection again, for all that wait. */
  async #whenReady(): Promise<void> {
    if (this.#client.status === "ready") return;
    this.#ready ??= new Promise((resolve) => {
      this.#client.once("ready", () => {
        this.#ready = undefined;
        resolve();
      });
    });
    await this.#ready;
  }
}

/** What was not done is sent in another form, while its caller still waits, and settles by then. */
async function inTime<T>(deadline: number, send: () => Promise<T>): Promise<T> {
  const left = deadline - performance.now();
  if (left < 1) throw new StoreUnavailable("timeout");
  return within(left, "timeout", send);
}

/** The server does not have a script that it was asked for by its digest: nothing was done. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

/** The bytes as the driver wants them: it would write any other Uint8Array as text. Shares the memory. */
export function binary(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
