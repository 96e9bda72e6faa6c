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

/** Without any file nothing is ever in one; of an append-only file: the next hourly sweep, and its rewriting. */
const ERASED_WITHIN_SECONDS = { none: 1, append_only: 7_200 } as const;

/** What a sweep has found is believed for this long, so that nobody is told a time when sweeps stay away. */
const BELIEVED_MS = 7_200_000;

/** How long a sweep waits for a rewriting, and how often it looks. */
const REWRITE_MS = { most: 300_000, look: 100 } as const;

/** ARGV: seconds, or "unknown"; how long to believe it. */
const TELL = script(
  "tell_erased",
  1,
  "allow-oom",
  `
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', string.format('%.0f', now + tonumber(ARGV[3])))
return { now }
`,
);

const ASK = script("ask_erased", 1, "no-writes", "return { now, redis.call('GET', KEYS[1]) or '' }\n");

/**
 * Destroyed bytes in the files of the servers. An append-only file keeps them until the server rewrites it (`BGREWRITEAOF`): a sweep
 * asks for that when something has ended since the last time. What came of it is kept beside the heartbeat, for all processes to tell.
 */
export class Erasure {
  readonly #deployment: Deployment;
  readonly #address: Address;
  readonly #options: RedisOptions;
  /** Of each run of a server: how many keys had ended when its file was rewritten last. */
  #rewritten = new Map<string, number>();
  #told = "";

  constructor(deployment: Deployment, address: Address, options: RedisOptions) {
    this.#deployment = deployment;
    this.#address = address;
    this.#options = options;
  }

  /** As the last sweep left it; null: nobody can say. */
  get withinSeconds(): number | null {
    return /^\d{1,6}$/.test(this.#told) ? Number(this.#told) : null;
  }

  /** A sentence where the last sweep could not have the file rewritten. */
  get facts(): readonly string[] {
    if (this.#told !== "unknown") return [];
    return [
      "After the last sweep it was not certain that the server's files are free of destroyed ciphertext: it may stay until the server rewrites them.",
    ];
  }

  /** Reads what the last sweep has found. Never throws: where that cannot be read, nobody can say. */
  async look(): Promise<void> {
    this.#told = await this.#deployment.execute(ASK, [ERASED_KEY], []).then(
      (answer) => word(answer, 1),
      () => "",
    );
  }

  /** After a sweep: rewrites what holds destroyed bytes, and says what came of it. Never throws: the sweep counts all the same. */
  async afterSweep(signal?: AbortSignal): Promise<void> {
    try {
      const { files, appendOnly } = await this.#deployment.view();
      const rewritten = appendOnly !== true || (await this.#rewriteAll(signal));
      const known = rewritten && files !== "unknown";
      const told = known ? String(ERASED_WITHIN_SECONDS[files]) : "unknown";
      await this.#deployment.execute(TELL, [ERASED_KEY], [told, BELIEVED_MS]);
      this.#told = told;
    } catch {
      // What was told before ends by itself.
    }
  }

  /** True when no file of a primary holds what had ended before. */
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
    // Afterwards: by then they have heard of what ended.
    await this.#rewriteReplicas(before.replicas, signal);
    if (after.run !== before.run || !after.done || after.rewrites === before.rewrites) return false;
    this.#rewritten.set(before.run, before.ended);
    return true;
  }

  /** As far as they can be reached: what became of it is not told, for a replica also keeps the file of its last synchronization. */
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
  /** Keys that expired or were deleted since the server began, also by other programs. */
  readonly ended: number;
  readonly rewriting: boolean;
  readonly rewrites: number;
  /** The last rewriting came to its end. */
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

/** When no rewriting is under way. Throws `timeout` when one takes too long, `aborted` when told to stop. */
async function settled(node: Connection, signal: AbortSignal | undefined): Promise<Progress> {
  const deadline = performance.now() + REWRITE_MS.most;
  for (;;) {
    const now = await progress(node);
    if (!now.rewriting) return now;
    if (signal?.aborted) throw new StoreUnavailable("aborted");
    if (performance.now() > deadline) throw new StoreUnavailable("timeout");
    await pause(REWRITE_MS.look);
  }
}

function replicasIn(info: ReadonlyMap<string, string>): Place[] {
  return [...info].flatMap(([name, value]) => {
    const found = /^slave\d+$/.test(name) ? /^ip=([^,]+),port=(\d+),state=online/.exec(value) : null;
    return found === null ? [] : [{ host: found[1] ?? "", port: Number(found[2]) }];
  });
}
