import { StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import type { Address } from "./address.ts";
import type { Answer } from "./answer.ts";
import { AppendOnly } from "./append-only.ts";
import { ConfirmedSteps } from "./confirmed-steps.ts";
import { Connection } from "./connection.ts";
import type { Deployment, Visit } from "./deployment.ts";
import type { Gate } from "./gate.ts";
import { measure, type ServerView, viewServer } from "./rules.ts";
import type { Steps, UngatedSteps } from "./steps.ts";
import type { StoreClock } from "./store-clock.ts";

/** One server, or the current primary of a group. */
export class OneServer implements Deployment {
  readonly #connection: Connection;
  readonly #confirmed: ConfirmedSteps | null;
  readonly #options: RedisOptions;
  readonly #appendOnly = new AppendOnly();

  private constructor(connection: Connection, confirmed: ConfirmedSteps | null, options: RedisOptions) {
    this.#connection = connection;
    this.#confirmed = confirmed;
    this.#options = options;
  }

  /** @throws StoreRefused if the server cannot be reached or refuses the credentials. */
  static async open(address: Address, options: RedisOptions, gate: Gate): Promise<OneServer> {
    const connection = await Connection.open(address, options.commandTimeoutMs, { ...options, gate });
    try {
      const confirmed = await ConfirmedSteps.open(address, options, connection.clock, gate);
      return new OneServer(connection, confirmed, options);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get clock(): StoreClock {
    return this.#connection.clock;
  }

  get confirmed(): Steps {
    return this.#confirmed ?? this.#connection;
  }

  execute(...step: Parameters<Steps["execute"]>): Promise<Answer> {
    return this.#connection.execute(...step);
  }

  executeUngated(...step: Parameters<UngatedSteps["executeUngated"]>): Promise<Answer> {
    return this.#connection.executeUngated(...step);
  }

  requireOpen(): void {
    this.#connection.requireOpen();
  }

  view(): Promise<ServerView> {
    return viewServer(this.#connection, this.#options);
  }

  async usedMemory(): Promise<number> {
    const { used, appendOnly } = await measure(this.#connection);
    this.#appendOnly.see(appendOnly);
    return used;
  }

  get appendOnlyChanged(): boolean {
    return this.#appendOnly.changed;
  }

  async everywhere<T>(visit: (nodes: readonly Connection[]) => Promise<T>): Promise<Visit<T>> {
    const { run } = this.#connection;
    if (run === null) throw new StoreUnavailable("connection");
    const found = await visit([this.#connection]);
    return {
      found,
      binding: () => {
        // With an append-only file the binding is the same for every run, and for a promoted replica.
        if (this.#connection.run?.id !== run.id) throw new StoreUnavailable("failed");
        return run.binding;
      },
    };
  }

  watchSlots(): void {
    // One server always holds all keys.
  }

  async close(): Promise<void> {
    await Promise.all([this.#confirmed?.close(), this.#connection.close()]);
  }
}
