import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { eventually, startRedis, type TestServer } from "./server.ts";

export const TIMEOUT_MS = 1_000;
export const WITHIN_MS = 200;
export const UNCONFIRMED = new StoreUnavailable("replicas");
const AOF = ["appendonly", "yes", "repl-diskless-sync-delay", "0", "save", ""];
/** A ping is written to the replicas, who confirm it like everything else. */
const PINGS = ["repl-ping-replica-period", "600", "repl-timeout", "600"];

/** A primary, its replica, and stores that await the replica. */
export class Replication {
  readonly primary: TestServer;
  readonly replica: TestServer;
  /** Between the two: a stopped replica would still get what is in the socket's buffer. */
  link: TcpProxy | undefined;
  readonly #stores: Store[] = [];

  private constructor(primary: TestServer, replica: TestServer) {
    this.primary = primary;
    this.replica = replica;
  }

  static async start(): Promise<Replication> {
    const settings = [...AOF, ...PINGS];
    const [primary, replica] = await Promise.all([startRedis(settings), startRedis(settings)]);
    return new Replication(primary, replica);
  }

  async open(server: TestServer, count = 1): Promise<Store> {
    const options = { commandTimeoutMs: TIMEOUT_MS, persistence: "any", capacityBytes: 2 ** 40 } as const;
    const replicas = count === 0 ? {} : { replicas: { count, withinMs: WITHIN_MS } };
    const store = await openRedisStore({ url: server.url(), ...options, ...replicas });
    this.#stores.push(store);
    return store;
  }

  /** The replica follows the primary through a new link. */
  async follow(): Promise<void> {
    const [primary, replica] = [this.primary.client(), this.replica.client()];
    await this.link?.close();
    this.link = await TcpProxy.start(this.primary.port);
    await replica.call("REPLICAOF", "127.0.0.1", this.link.port);
    await eventually(async () => (await primary.info("replication")).includes("state=online"), 15_000);
    await eventually(
      async () => (await replica.info("replication")).includes("master_link_status:up"),
      15_000,
    );
    // In step, too: right after a full copy a busy replica may not confirm within the store's time.
    await primary.set("in-step", 1);
    await eventually(async () => (await primary.wait(1, WITHIN_MS / 2)) >= 1, 15_000);
  }

  /** Closes the stores and the link. The servers stay. */
  async release(): Promise<void> {
    await Promise.all(this.#stores.splice(0).map((store) => store.close()));
    await this.link?.close();
    this.link = undefined;
  }

  async stop(): Promise<void> {
    await Promise.all([this.primary.stop(), this.replica.stop()]);
  }
}
