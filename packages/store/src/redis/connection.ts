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
/** How long opening waits in all, for a server that is still loading its data. */
const OPEN_MS = 10_000;

export type { Argument } from "./script-command.ts";

/** Checks, before the first step on a connection, that the server holds the remembered store. */
export interface Gate {
  /** True: no step may run. */
  readonly closed: boolean;
  /** If this differs from the last one, each connection must join again. */
  readonly generation: number;
  /**
   * Returns the binding of the steps.
   * @throws StoreUnavailable if no step may run.
   */
  join(connection: Connection, run: ServerRun): Promise<string>;
}

export interface ConnectionSettings {
  readonly gate?: Gate | undefined;
  readonly clock?: StoreClock;
  readonly ca?: string | undefined;
  readonly sentinelPassword?: string | undefined;
}

/**
 * Runs a script as one step.
 * @throws StoreUnavailable
 */
export interface Steps {
  /** `deadline`, on `performance.now()`: nothing is sent after it. Default: the command timeout from now. */
  execute(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    deadline?: number,
  ): Promise<Answer>;
}

/** Steps over all keys of the store, and their common clock. */
export interface Keyspace extends Steps {
  readonly clock: StoreClock;
  /** @throws StoreUnavailable `closed` after close(). */
  requireOpen(): void;
}

/**
 * One connection to Redis. Every promise settles within the command timeout.
 *
 * A command whose connection broke before its answer may have run. It is sent once more, within its deadline:
 * every script is safe to repeat. The driver's own resending is off (`maxRetriesPerRequest: 0`): it would
 * resend commands whose callers have already been told that they failed.
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
  /** The gate's generation in which this connection joined; null: not yet. */
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

  /** The run of the server at the other end. null: not connected, or the server does not report it. */
  get run(): ServerRun | null {
    return this.#client.status === "ready" ? this.#run : null;
  }

  /**
   * Connections of one store share their clock. With Sentinels, every new connection asks them for the
   * primary.
   * @throws StoreRefused if the server cannot be reached or refuses the credentials.
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
      // A connection without an answer for this long is dead. Otherwise only TCP keep-alive would notice.
      socketTimeout: 2 * commandTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      maxLoadingRetryTime: RECONNECT_MS.most,
      // A demoted primary: the next connection finds its successor.
      reconnectOnError: (error) => error.message.startsWith("READONLY"),
      retryStrategy: (times) => Math.min(RECONNECT_MS.first * 2 ** (times - 1), RECONNECT_MS.most),
    });
    // The driver prints an error without a listener, arguments included. Callers get it as a fault.
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
   * Runs a script. Its first argument is the highest store time seen. Its last two are whether replicas are
   * awaited, and the binding. The answer begins with the store's time.
   * `replicas`: throws `replicas` if too few confirm. The step ran and may be sent again. Such a connection
   * runs one step at a time.
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

  /** Runs a script for the gate itself. The answer's time counts only after the gate has judged the store. */
  executeUngated(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer> {
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

  /**
   * Asks the gate again in the middle of a long task.
   * @throws StoreUnavailable
   */
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

  /** Sends a script and its WAIT in one packet, also if the server first needs the script's text. */
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

  /** Runs any other command, which must be safe to repeat. */
  command(name: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.#settled(this.#deadline(), () => this.#client.call(name, ...args));
  }

  requireOpen(): void {
    if (this.#closed) throw new StoreUnavailable("closed");
  }

  /** Waits for pending answers, then closes. Later calls throw `closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#client.status === "ready") await this.#client.quit().catch(() => undefined);
    this.#client.disconnect();
  }

  /**
   * Asks a new connection for the server's run. The driver (ioredis 6.0.0) lets this INFO through before its
   * own, and is ready only after its own: so the run is known before any script is sent. A server that was
   * loading is asked again when it is ready. Until it has answered, scripts are refused.
   */
  #meet(): void {
    this.#run = null;
    this.#joinedIn = null;
    this.#meeting = this.#client.info().then(
      (text) => {
        this.#run = serverRunIn(text);
        // The Sentinels have not noticed yet. By the next try they may have.
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

  /** Sends the commands of one event loop turn in one system call: half of a command's cost is its write. */
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

  /** Resolves when there is a connection again. */
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

/** Sends in another form what was not run, within the deadline. */
async function inTime<T>(deadline: number, send: () => Promise<T>): Promise<T> {
  const left = deadline - performance.now();
  if (left < 1) throw new StoreUnavailable("timeout");
  return within(left, "timeout", send);
}

/** True if the server does not know the script's digest: nothing ran. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

/** The bytes as a Buffer, which shares the memory: the driver would write any other Uint8Array as text. */
export function binary(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
