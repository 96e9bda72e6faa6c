import type { Socket } from "node:net";
import type { Redis } from "ioredis";
import { StoreUnavailable } from "../errors.ts";
import type { ReplicaWait } from "../options.ts";
import type { Address } from "./address.ts";
import type { Answer } from "./answer.ts";
import { within } from "./deadline.ts";
import { connectDriver, createDriver, type DriverSettings } from "./driver.ts";
import { faultOf, Moved, unavailable } from "./faults.ts";
import type { Gate } from "./gate.ts";
import { parseInfo } from "./info.ts";
import type { Script } from "./record.ts";
import { type Argument, ScriptCommand, type ScriptForm } from "./script-command.ts";
import { type ServerRun, serverRunIn } from "./server-run.ts";
import type { Keyspace, UngatedSteps } from "./steps.ts";
import { StoreClock } from "./store-clock.ts";

interface ConnectionSettings extends DriverSettings {
  readonly gate?: Gate | undefined;
  readonly clock?: StoreClock;
}

/**
 * One connection to Redis. Every promise settles within the command timeout.
 *
 * A command whose connection broke before its answer may have run. It is sent once more, within its deadline:
 * every script is safe to repeat.
 */
export class Connection implements Keyspace, UngatedSteps {
  readonly clock: StoreClock;
  readonly #driver: Redis;
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

  private constructor(driver: Redis, commandTimeoutMs: number, clock: StoreClock, gate: Gate | undefined) {
    this.#driver = driver;
    this.#gate = gate;
    this.clock = clock;
    this.#commandTimeoutMs = commandTimeoutMs;
    driver.on("connect", () => this.#meet());
    driver.on("ready", () => {
      if (this.#run === null) this.#meet();
    });
  }

  /** The run of the server at the other end. null: not connected, or the server does not report it. */
  get run(): ServerRun | null {
    return this.#driver.status === "ready" ? this.#run : null;
  }

  /**
   * Connections of one store share their clock.
   * @throws StoreRefused if the server cannot be reached or refuses the credentials.
   */
  static async open(
    address: Address,
    commandTimeoutMs: number,
    { clock = new StoreClock(), gate, ...settings }: ConnectionSettings = {},
  ): Promise<Connection> {
    const driver = createDriver(address, commandTimeoutMs, settings);
    const connection = new Connection(driver, commandTimeoutMs, clock, gate);
    await connectDriver(driver, address);
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
        throw new StoreUnavailable(this.#driver.status === "ready" ? "failed" : "connection");
      if (!this.#isJoined) return this.#joinFirst(send, deadline);
      const words = [...keys, this.clock.mark, ...args, replicas === undefined ? 0 : 1, this.#run.binding];
      if (replicas !== undefined) return this.#confirmed(script, words, replicas, deadline);
      return this.#sendScript(script, words, deadline);
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
      return this.#sendScript(script, words, deadline);
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

  /** Sends the script's digest, and its text if the server does not know the digest. */
  async #sendScript(script: Script, words: readonly Argument[], deadline: number): Promise<unknown> {
    try {
      return await this.#send(script, words, "digest");
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return inTime(deadline, () => this.#send(script, words, "whole"));
    }
  }

  #send(script: Script, words: readonly Argument[], form: ScriptForm): Promise<unknown> {
    return this.#driver.sendCommand(new ScriptCommand(script, words, form)) as Promise<unknown>;
  }

  /** Sends a script and its WAIT in one packet, also if the server first needs the script's text. */
  async #confirmed(
    script: Script,
    words: readonly Argument[],
    { count, withinMs }: ReplicaWait,
    deadline: number,
  ): Promise<Answer> {
    const send = (form: ScriptForm) =>
      Promise.allSettled([this.#send(script, words, form), this.#driver.call("WAIT", count, withinMs)]);
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
    return this.#settled(this.#deadline(), () => this.#driver.call(name, ...args));
  }

  requireOpen(): void {
    if (this.#closed) throw new StoreUnavailable("closed");
  }

  /** Waits for pending answers, then closes. Later calls throw `closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#driver.status === "ready") await this.#driver.quit().catch(() => undefined);
    this.#driver.disconnect();
  }

  /**
   * Asks a new connection for the server's run. The driver (ioredis 6.0.0) lets this INFO through before its
   * own, and is ready only after its own: so the run is known before any script is sent. A server that was
   * loading is asked again when it is ready. Until it has answered, scripts are refused.
   */
  #meet(): void {
    this.#run = null;
    this.#joinedIn = null;
    this.#meeting = this.#driver.info().then(
      (text) => {
        this.#run = serverRunIn(text);
        // The Sentinels have not noticed yet. By the next try they may have.
        if (this.#met && parseInfo(text).get("role") === "slave") this.#driver.disconnect(true);
      },
      (error: unknown) => {
        if (faultOf(error) === "timeout") this.#driver.disconnect(true);
      },
    );
  }

  #deadline(): number {
    return performance.now() + this.#commandTimeoutMs;
  }

  async #settled(deadline: number, send: () => Promise<unknown> | undefined): Promise<unknown> {
    this.requireOpen();
    this.#gather();
    const inFlight = this.#driver.status === "ready";
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
    const stream: Socket | undefined = this.#driver.stream;
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
    if (this.#driver.status === "ready") return;
    this.#ready ??= new Promise((resolve) => {
      this.#driver.once("ready", () => {
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
