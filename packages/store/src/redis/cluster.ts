import { type StoreFault, StoreRefused, StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import type { Address, Place } from "./address.ts";
import type { Answer } from "./answer.ts";
import { ClusterNode, slotsOf } from "./cluster-node.ts";
import { ownersOf, viewPrimaries } from "./cluster-view.ts";
import { Connection } from "./connection.ts";
import { within } from "./deadline.ts";
import type { Deployment, Visit } from "./deployment.ts";
import { Moved } from "./faults.ts";
import type { Gate } from "./gate.ts";
import type { History } from "./history.ts";
import { STORE_KEY } from "./keys.ts";
import type { Script } from "./record.ts";
import type { ServerView } from "./rules.ts";
import type { Argument } from "./script-command.ts";
import { type SlotMap, slotOf } from "./slot-map.ts";
import type { Steps } from "./steps.ts";
import { StoreClock } from "./store-clock.ts";

/** `most`: a measurement refreshes an older slot map. `least`: a younger slot map is not asked for again. */
const MAP_MS = { most: 5_000, least: 100 } as const;

/** After these faults the slot map may be stale. */
const DOUBTFUL: ReadonlySet<StoreFault> = new Set(["connection", "timeout", "read_only"]);

const NOWHERE: SlotMap = {
  primaries: [],
  covered: 0,
  primaryOf: () => undefined,
  highestOf: () => -1,
  text: "",
};

/**
 * The primaries of a Redis Cluster, each with its own connections. The slot map decides only which node to
 * ask: a node that does not serve a slot refuses the step.
 *
 * An ASK is not followed. While a slot moves, a secret's keys may be on two nodes, and a script cannot tell a
 * part that has not arrived from a part that is gone. The old owner answers `busy` for such a secret
 * (REDIS.md, "Cluster").
 */
export class Cluster implements Deployment {
  readonly clock = new StoreClock();
  readonly confirmed: Steps;
  readonly #address: Address;
  readonly #options: RedisOptions;
  readonly #gate: Gate;
  #map = NOWHERE;
  /** In the order of the slot map's primaries. */
  #nodes: readonly ClusterNode[] = [];
  #refreshing: Promise<void> | undefined;
  #refreshedAt = 0;
  #closed = false;
  #slotsChanged = () => {};

  private constructor(address: Address, options: RedisOptions, gate: Gate) {
    this.#address = address;
    this.#options = options;
    this.#gate = gate;
    this.confirmed = { execute: (...step) => this.#route(true, ...step) };
  }

  /**
   * @throws StoreRefused if no node reports the slots, or a primary cannot be reached or refuses the
   * credentials.
   */
  static async open(address: Address, options: RedisOptions, history: History): Promise<Cluster> {
    const cluster = new Cluster(address, options, history);
    history.askThrough(cluster);
    try {
      const { map, refusals } = await cluster.#askSeeds();
      if (map === null) throw new StoreRefused(refusals);
      cluster.#adopt(map);
      await Promise.all(cluster.#nodes.map((node) => node.opened));
      await Promise.all(cluster.#nodes.map((node) => node.measure()));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The slot map as this process knows it. */
  get slots(): SlotMap {
    return this.#map;
  }

  watchSlots(listener: () => void): void {
    this.#slotsChanged = listener;
    listener();
  }

  execute(...step: Parameters<Steps["execute"]>): Promise<Answer> {
    return this.#route(false, ...step);
  }

  /** Not sent to another node if this one no longer serves the slot: only the slot map is refreshed. */
  async executeUngated(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer> {
    const node = this.#ownerOf(slotOf(keys[0] ?? ""));
    if (node === undefined) throw new StoreUnavailable("connection");
    try {
      return await node.connection.executeUngated(script, keys, args);
    } catch (error) {
      const isDue = performance.now() - this.#refreshedAt > MAP_MS.least;
      if (error instanceof Moved && isDue) void this.#refresh([node]);
      throw error;
    }
  }

  requireOpen(): void {
    if (this.#closed) throw new StoreUnavailable("closed");
  }

  async view(): Promise<ServerView> {
    this.requireOpen();
    await this.#refresh(this.#nodes);
    const primaries = this.#nodes.map((node) => node.connection);
    return viewPrimaries(primaries, this.#map.covered, this.#options);
  }

  /** Called at every view of the heartbeat, so it also keeps the slot map fresh. */
  async usedMemory(): Promise<number> {
    if (performance.now() - this.#refreshedAt > MAP_MS.most) void this.#refresh(this.#nodes);
    const nodes = this.#nodes;
    await Promise.allSettled(nodes.map((node) => node.measure()));
    return nodes.reduce((sum, { used }) => sum + used, 0);
  }

  get appendOnlyChanged(): boolean {
    return this.#nodes.some((node) => node.appendOnlyChanged);
  }

  async everywhere<T>(visit: (nodes: readonly Connection[]) => Promise<T>): Promise<Visit<T>> {
    this.requireOpen();
    await this.#refresh(this.#nodes);
    const nodes = this.#nodes;
    const connections = nodes.map((node) => node.connection);
    const before = await ownersOf(connections);
    const runs = nodes.map(runOf);
    const found = await visit(connections);
    if ((await ownersOf(connections)) !== before) throw new StoreUnavailable("busy");
    const still = () => nodes === this.#nodes && nodes.every((node, n) => runOf(node) === runs[n]);
    return {
      found,
      binding: () => {
        const binding = this.#ownerOf(slotOf(STORE_KEY))?.connection.run?.binding;
        if (binding === undefined || !still()) throw new StoreUnavailable("failed");
        return binding;
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  /**
   * Sends a step to the node that serves its keys. A node that refused the step has not run it: the step is
   * sent once more, within its deadline, to the slot's new owner.
   */
  async #route(
    confirmed: boolean,
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    deadline = performance.now() + this.#options.commandTimeoutMs,
  ): Promise<Answer> {
    this.requireOpen();
    const slot = slotOf(keys[0] ?? "");
    const node = this.#ownerOf(slot);
    if (node?.isOpen) {
      try {
        return await node.execute(confirmed, script, keys, args, deadline);
      } catch (error) {
        if (!this.#elsewhere(error)) {
          this.#doubt(node, error);
          throw error;
        }
      }
    }
    const left = deadline - performance.now();
    if (left < 1) throw new StoreUnavailable("connection");
    return within(left, "connection", async (late) => {
      const next = await this.#nextOwner(slot, node);
      if (late() || next === undefined) throw new StoreUnavailable("connection");
      return next.execute(confirmed, script, keys, args, deadline);
    });
  }

  /** True if the node did not run the step, because it no longer serves the slot. */
  #elsewhere(error: unknown): boolean {
    if (error instanceof Moved) return true;
    return !this.#closed && error instanceof StoreUnavailable && error.reason === "closed";
  }

  /** A node that does not answer may have a successor, which the other nodes know. */
  #doubt(node: ClusterNode, error: unknown): void {
    if (!(error instanceof StoreUnavailable) || !DOUBTFUL.has(error.reason)) return;
    if (performance.now() - this.#refreshedAt < MAP_MS.least) return;
    void this.#refresh(this.#nodes.filter((other) => other !== node));
  }

  /**
   * The node that serves a slot which `node` refused or could not be asked for. undefined: no other node is
   * known.
   */
  async #nextOwner(slot: number, node: ClusterNode | undefined): Promise<ClusterNode | undefined> {
    if (node?.isOpen) {
      // A refresh that was already running may have asked before the slot moved, so try twice.
      for (let tries = 0; tries < 2 && this.#ownerOf(slot) === node; tries++) await this.#refresh([node]);
      if (this.#ownerOf(slot) === node) return undefined;
    } else if (node?.failed !== false && performance.now() - this.#refreshedAt > MAP_MS.least) {
      await this.#refresh(this.#nodes);
    }
    const next = this.#ownerOf(slot);
    await next?.opened.catch(() => undefined);
    return next?.isOpen ? next : undefined;
  }

  #ownerOf(slot: number): ClusterNode | undefined {
    const index = this.#map.primaryOf(slot);
    return index === undefined ? undefined : this.#nodes[index];
  }

  /**
   * Asks these nodes for the slot map, and the configured ones if none answers. Never throws: the last map
   * stands.
   */
  #refresh(nodes: readonly ClusterNode[]): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#refreshing ??= this.#ask(nodes).finally(() => {
      this.#refreshing = undefined;
      this.#refreshedAt = performance.now();
    });
    return this.#refreshing;
  }

  async #ask(nodes: readonly ClusterNode[]): Promise<void> {
    const map =
      (await Promise.any(nodes.map((node) => node.slots())).catch(() => null)) ??
      (await this.#askSeeds()).map;
    if (map !== null) this.#adopt(map);
  }

  /** The first slot map of the configured nodes, in their order; else a sentence for each node. */
  async #askSeeds(): Promise<{ readonly map: SlotMap | null; readonly refusals: readonly string[] }> {
    const refusals: string[] = [];
    for (const place of this.#address.cluster ?? []) {
      if (this.#closed) break;
      const answer = await this.#askSeed(place).catch((error: unknown) => error);
      if (answer instanceof StoreRefused) refusals.push(...answer.faults);
      else if (answer instanceof Error)
        refusals.push(`Redis at ${place.host}:${place.port} does not tell a cluster's slots.`);
      else return { map: answer as SlotMap, refusals };
    }
    return { map: null, refusals };
  }

  async #askSeed(place: Place): Promise<SlotMap> {
    const { commandTimeoutMs, ca } = this.#options;
    const connection = await Connection.open({ ...this.#address, ...place }, commandTimeoutMs, { ca });
    try {
      return await slotsOf(connection, place);
    } finally {
      await connection.close();
    }
  }

  #adopt(map: SlotMap): void {
    if (this.#closed) return;
    const before = this.#nodes;
    const nodes = map.primaries.map((place) => {
      const known = before.find((node) => node.place.host === place.host && node.place.port === place.port);
      if (known !== undefined && !known.failed) return known;
      return new ClusterNode(place, this.#address, this.#options, this.clock, this.#gate);
    });
    const { text } = this.#map;
    this.#map = map;
    const same = nodes.length === before.length && nodes.every((node, n) => node === before[n]);
    if (!same) this.#nodes = nodes;
    for (const node of before) if (!nodes.includes(node)) void node.close();
    if (map.text !== text) this.#slotsChanged();
  }
}

function runOf(node: ClusterNode): string {
  const { run } = node.connection;
  if (run === null) throw new StoreUnavailable("connection");
  return run.id;
}
