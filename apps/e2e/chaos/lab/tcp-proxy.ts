/** A TCP proxy that does to connections what networks do to them. Its port stays; where it leads to may change. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { atExit } from "@mayfly/lab/at-exit";

/** A replica's handshake, by which it is known among the clients (https://redis.io/docs/latest/commands/replconf/). */
const REPLICA_SAYS = "REPLCONF";

type Mode =
  | { readonly is: "through" }
  /** Open connections are reset, new ones too. */
  | { readonly is: "cut" }
  /** Nothing passes in either direction, and nothing is lost. */
  | { readonly is: "hold" }
  /** Every answer comes late. */
  | { readonly is: "delay"; readonly ms: number }
  /** What was asked arrives; of the answers some are lost, and their connections with them. */
  | { readonly is: "drop"; readonly probability: number }
  /** Of some answers the first half arrives. */
  | { readonly is: "halve"; readonly probability: number };

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** The other side has vanished without a word: what is sent disappears, and nobody says so. For ever. */
  lost: boolean;
  /** It said that it is a replica. */
  replica: boolean;
  /** What comes late, in order; null when nothing is under way. */
  late: Promise<void> | null;
}

export class TcpProxy {
  readonly port: number;
  /** Answers that were lost or halved so far. */
  spoiled = 0;
  #mode: Mode = { is: "through" };
  #losing = false;
  #replicas = true;
  #target: number;
  readonly #pairs = new Set<Pair>();
  readonly #close: () => Promise<void>;

  private constructor(port: number, target: number, close: () => Promise<void>) {
    this.port = port;
    this.#target = target;
    this.#close = close;
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const forget = atExit(() => proxy.#endAll());
    const proxy = new TcpProxy(port, target, async () => {
      const closed = once(server, "close");
      server.close();
      proxy.#endAll();
      await closed;
      forget();
    });
    server.on("connection", (near) => proxy.#join(near));
    return proxy;
  }

  /** Where new connections lead from now on. */
  leadTo(target: number): void {
    this.#target = target;
  }

  cut(): void {
    this.#mode = { is: "cut" };
    this.#endAll();
  }

  hold(): void {
    this.#mode = { is: "hold" };
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  delay(ms: number): void {
    this.#mode = { is: "delay", ms };
  }

  dropAnswers(probability: number): void {
    this.#mode = { is: "drop", probability };
  }

  halveAnswers(probability: number): void {
    this.#mode = { is: "halve", probability };
  }

  /** What is open, and what is opened until `mend`, is lost for ever without being closed. */
  halfOpen(): void {
    this.#losing = true;
    for (const pair of this.#pairs) pair.lost = true;
  }

  /** Redis replicas lose their primary, while everybody else keeps it: the one split that stopping a process cannot make. */
  cutReplicas(): void {
    this.#replicas = false;
    for (const { near, far, replica } of this.#pairs) {
      if (!replica) continue;
      near.destroy();
      far.destroy();
    }
  }

  /** What comes from now on passes. Connections that are half open stay so. */
  mend(): void {
    this.#mode = { is: "through" };
    this.#losing = false;
    this.#replicas = true;
    for (const { near, far } of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  close(): Promise<void> {
    return this.#close();
  }

  #endAll(): void {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    this.#pairs.clear();
  }

  #join(near: Socket): void {
    if (this.#mode.is === "cut") return void near.resetAndDestroy();
    const pair: Pair = {
      near,
      far: connect(this.#target, "127.0.0.1"),
      lost: this.#losing,
      replica: false,
      late: null,
    };
    this.#pairs.add(pair);
    const end = () => {
      pair.near.destroy();
      pair.far.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of [near, pair.far]) {
      socket.setNoDelay(true);
      socket.on("error", end);
    }
    near.on("close", end);
    pair.far.on("close", () => {
      if (!pair.lost) this.#inOrder(pair, 0, () => near.destroySoon());
    });
    near.on("data", (bytes: Buffer) => {
      if (!pair.replica && bytes.includes(REPLICA_SAYS)) pair.replica = true;
      if (pair.replica && !this.#replicas) return end();
      if (!pair.lost) pair.far.write(bytes);
    });
    pair.far.on("data", (bytes: Buffer) => this.#answer(pair, bytes, end));
    if (this.#mode.is === "hold") {
      near.pause();
      pair.far.pause();
    }
  }

  #answer(pair: Pair, bytes: Buffer, end: () => void): void {
    if (pair.lost) return;
    const mode = this.#mode;
    if ((mode.is === "drop" || mode.is === "halve") && Math.random() < mode.probability) {
      // Not of the plan: which answer comes when is chance already.
      this.spoiled += 1;
      if (mode.is === "halve") pair.near.write(bytes.subarray(0, bytes.length >> 1));
      if (mode.is === "halve") setImmediate(end);
      else end();
      return;
    }
    this.#inOrder(pair, mode.is === "delay" ? mode.ms : 0, () => pair.near.write(bytes));
  }

  /** After whatever of this connection is late already: bytes must not overtake each other. */
  #inOrder(pair: Pair, delayMs: number, write: () => void): void {
    if (pair.late === null && delayMs === 0) {
      write();
      return;
    }
    const late = Promise.all([pair.late, wait(delayMs)]).then(() => {
      if (pair.late === late) pair.late = null;
      write();
    });
    pair.late = late;
  }
}
