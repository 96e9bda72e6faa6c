import { setTimeout as pause } from "node:timers/promises";
import { StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import type { Address, Place } from "./address.ts";
import { word } from "./answer.ts";
import { Connection } from "./connection.ts";
import type { Deployment } from "./deployment.ts";
import { parseInfo } from "./info.ts";
import { ERASED_KEY } from "./keys.ts";
import { script } from "./record.ts";

/** Without files: nothing to erase. With an append-only file: the next hourly sweep and its rewrite. */
const ERASED_WITHIN_SECONDS = { none: 1, append_only: 7_200 } as const;

/** How long a sweep's result is valid: it must lapse if sweeps stop. */
const BELIEVED_MS = 7_200_000;

/** How long a sweep waits for a rewrite, and how often it polls. */
const REWRITE_MS = { most: 300_000, poll: 100 } as const;

/** ARGV: seconds, or "unknown"; how long the result is valid. */
const WRITE_RESULT = script(
  "write_erased",
  1,
  "allow-oom",
  `
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', string.format('%.0f', now + tonumber(ARGV[3])))
return { now }
`,
);

const READ_RESULT = script(
  "read_erased",
  1,
  "no-writes",
  "return { now, redis.call('GET', KEYS[1]) or '' }\n",
);

/**
 * Erases destroyed bytes from the servers' files. An append-only file keeps them until the server rewrites it
 * (`BGREWRITEAOF`). A sweep asks for that if something has ended since the last rewrite. The result is stored
 * beside the heartbeat, for all processes.
 */
export class Erasure {
  readonly #deployment: Deployment;
  readonly #address: Address;
  readonly #options: RedisOptions;
  /** For each server run: how many keys had ended at its last rewrite. */
  #rewritten = new Map<string, number>();
  #result = "";

  constructor(deployment: Deployment, address: Address, options: RedisOptions) {
    this.#deployment = deployment;
    this.#address = address;
    this.#options = options;
  }

  /** The last sweep's result in seconds; null: unknown. */
  get withinSeconds(): number | null {
    return /^\d{1,6}$/.test(this.#result) ? Number(this.#result) : null;
  }

  /** A sentence if the last sweep's rewrite did not succeed. */
  get facts(): readonly string[] {
    if (this.#result !== "unknown") return [];
    return [
      "After the last sweep it was not certain that the server's files are free of destroyed ciphertext: it may stay until the server rewrites them.",
    ];
  }

  /** Reads the last sweep's result. Never throws: the result is unknown if it cannot be read. */
  async refresh(): Promise<void> {
    this.#result = await this.#deployment.execute(READ_RESULT, [ERASED_KEY], []).then(
      (answer) => word(answer, 1),
      () => "",
    );
  }

  /**
   * After a sweep: rewrites files that hold destroyed bytes, and stores the result. Never throws: the sweep
   * counts nevertheless.
   */
  async afterSweep(signal?: AbortSignal): Promise<void> {
    try {
      const { files, appendOnly } = await this.#deployment.view();
      const rewritten = appendOnly !== true || (await this.#rewriteAll(signal));
      const known = rewritten && files !== "unknown";
      const result = known ? String(ERASED_WITHIN_SECONDS[files]) : "unknown";
      await this.#deployment.execute(WRITE_RESULT, [ERASED_KEY], [result, BELIEVED_MS]);
      this.#result = result;
    } catch {
      // The last result lapses by itself.
    }
  }

  /** True if no primary's file holds anything that had ended before. */
  async #rewriteAll(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const { found } = await this.#deployment.everywhere((nodes) =>
        Promise.all(nodes.map((node) => this.#rewrite(node, signal))),
      );
      return found.every((done) => done);
    } catch {
      return false;
    }
  }

  async #rewrite(node: Connection, signal: AbortSignal | undefined): Promise<boolean> {
    const before = await settled(node, signal);
    if (this.#rewritten.get(before.run) === before.ended) return true;
    await node.command("BGREWRITEAOF");
    const after = await settled(node, signal);
    // Replicas come last: by then they have received what ended.
    await this.#rewriteReplicas(before.replicas, signal);
    if (after.run !== before.run || !after.done || after.rewrites === before.rewrites) return false;
    this.#rewritten.set(before.run, before.ended);
    return true;
  }

  /**
   * Asks the replicas that can be reached. The result is not stored: a replica also keeps the file of its
   * last synchronization.
   */
  async #rewriteReplicas(replicas: readonly Place[], signal: AbortSignal | undefined): Promise<void> {
    const { sentinels: _sentinels, cluster: _cluster, ...address } = this.#address;
    const { ca, commandTimeoutMs } = this.#options;
    await Promise.allSettled(
      replicas.map(async (place) => {
        const replica = await Connection.open({ ...address, ...place }, commandTimeoutMs, { ca });
        try {
          const { appendOnly } = await settled(replica, signal);
          if (appendOnly) await replica.command("BGREWRITEAOF");
        } finally {
          await replica.close();
        }
      }),
    );
  }
}

interface Progress {
  readonly run: string;
  readonly appendOnly: boolean;
  /** Keys that expired or were deleted since the server started, other programs' included. */
  readonly ended: number;
  readonly rewriting: boolean;
  readonly rewrites: number;
  /** True if the last rewrite succeeded. */
  readonly done: boolean;
  readonly replicas: readonly Place[];
}

async function progress(node: Connection): Promise<Progress> {
  const info = parseInfo(String(await node.command("INFO", "everything")));
  const calls = Number(/^calls=(\d+)/.exec(info.get("cmdstat_del") ?? "")?.[1] ?? 0);
  return {
    run: info.get("run_id") ?? "",
    appendOnly: info.get("aof_enabled") === "1",
    ended: Number(info.get("expired_keys")) + calls,
    rewriting: info.get("aof_rewrite_in_progress") === "1" || info.get("aof_rewrite_scheduled") === "1",
    rewrites: Number(info.get("aof_rewrites")),
    done: info.get("aof_last_bgrewrite_status") === "ok",
    replicas: replicasIn(info),
  };
}

/**
 * Waits until no rewrite is running.
 * @throws StoreUnavailable `timeout` if a rewrite takes too long, `aborted` if the sweep was told to stop.
 */
async function settled(node: Connection, signal: AbortSignal | undefined): Promise<Progress> {
  const deadline = performance.now() + REWRITE_MS.most;
  for (;;) {
    const now = await progress(node);
    if (!now.rewriting) return now;
    if (signal?.aborted) throw new StoreUnavailable("aborted");
    if (performance.now() > deadline) throw new StoreUnavailable("timeout");
    await pause(REWRITE_MS.poll);
  }
}

function replicasIn(info: ReadonlyMap<string, string>): Place[] {
  return [...info].flatMap(([name, value]) => {
    const found = /^slave\d+$/.test(name) ? /^ip=([^,]+),port=(\d+),state=online/.exec(value) : null;
    return found === null ? [] : [{ host: found[1] ?? "", port: Number(found[2]) }];
  });
}
