/** A TCP proxy on the loopback that does to connections what networks do to them. Its port stays; its target may change. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { atExit } from "./at-exit.ts";
import { listen } from "./ports.ts";
import { end, inOrder, type Pair, type Victim } from "./proxy-pair.ts";

/** A replica's handshake, by which it is known among the clients (https://redis.io/docs/latest/commands/replconf/). */
const REPLICA_SAYS = "REPLCONF";

type Mode =
  | { readonly is: "through" }
  /** Open connections are closed, new ones reset. */
  | { readonly is: "cut" }
  /** Nothing passes in either direction, and nothing is lost. */
  | { readonly is: "hold" }
  /** Every answer comes late. */
  | { readonly is: "delay"; readonly ms: number }
  /** Requests arrive; some answers are lost, and their connections with them. */
  | { readonly is: "drop"; readonly probability: number }
  /** Of some answers the first half arrives. */
  | { readonly is: "halve"; readonly probability: number };

export class TcpProxy {
  readonly port: number;
  /** Answers that were lost or halved by chance so far. */
  spoiled = 0;
  /** Answers that were dropped by `dropAnswerTo` so far. */
  dropped = 0;
  /** Connections that were refused while it was cut. */
  refused = 0;
  #mode: Mode = { is: "through" };
  #losing = false;
  #replicas = true;
  #target: number;
  #victim: Victim | null = null;
  #holdWords: string | null = null;
  #refusedWords: string | null = null;
  #holdingAnswers = false;
  #requests: (() => void)[] = [];
  #answers: (() => void)[] = [];
  readonly #sent: Buffer[] | null;
  readonly #pairs = new Set<Pair>();
  readonly #close: () => Promise<void>;

  private constructor(port: number, target: number, sent: Buffer[] | null, close: () => Promise<void>) {
    this.port = port;
    this.#target = target;
    this.#sent = sent;
    this.#close = close;
  }

  /** In front of a port of the loopback, or of an origin there. `recorded` keeps every request in memory. */
  static async start(target: number | string, { recorded = false } = {}): Promise<TcpProxy> {
    const to = typeof target === "number" ? target : Number(new URL(target).port);
    const server = createServer((near) => proxy.#join(near));
    const port = await listen(server);
    const forget = atExit(() => proxy.#endAll());
    const proxy: TcpProxy = new TcpProxy(port, to, recorded ? [] : null, async () => {
      const closed = once(server, "close");
      server.close();
      proxy.#endAll();
      await closed;
      forget();
    });
    return proxy;
  }

  /** As an HTTP client names it. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get redisUrl(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Whether a request is kept back. */
  get held(): boolean {
    return this.#requests.length > 0;
  }

  /** Every byte that clients sent so far. Throws without a recording. */
  sent(): Buffer {
    if (this.#sent === null) throw new Error("this proxy does not record");
    return Buffer.concat(this.#sent);
  }

  /** New connections lead there from now on. */
  leadTo(target: number): void {
    this.#target = target;
  }

  /** Lets the next request that contains `words` through, and closes the connection when its answer comes, unseen. Once. */
  dropAnswerTo(words: string, then: "mend" | "cut" = "mend"): void {
    this.#victim = { words, cut: then === "cut" };
  }

  /** Closes the connection of every request that contains `words`, until `mend`. */
  refuseRequests(words: string): void {
    this.#refusedWords = words;
  }

  /** Keeps back every request from the next one that contains `words`, until `release`. */
  holdFrom(words: string): void {
    this.#holdWords = words;
  }

  /** Keeps back every answer until `release`, or for ever after `forget`. */
  holdAnswers(): void {
    this.#holdingAnswers = true;
  }

  /** Passes on what `holdFrom` and `holdAnswers` kept back, and holds nothing more. */
  release(): void {
    this.#holdWords = null;
    this.#holdingAnswers = false;
    for (const pass of [...this.#requests.splice(0), ...this.#answers.splice(0)]) pass();
  }

  /** Answers from now on, but on connections opened from now on only: those that were held stay mute. */
  forget(): void {
    this.#holdingAnswers = false;
    this.#answers = [];
  }

  /** Closes what is open and resets what comes, until `mend`. */
  cut(): void {
    this.#mode = { is: "cut" };
    this.#endAll();
  }

  /** Nothing passes in either direction until `mend`, and nothing is lost. */
  hold(): void {
    this.#mode = { is: "hold" };
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  /** Every answer comes so much later. */
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
    for (const pair of this.#pairs) if (pair.replica) end(pair);
  }

  /** What comes from now on passes. Connections that are half open stay so, and `release` ends what it says. */
  mend(): void {
    this.#mode = { is: "through" };
    this.#losing = false;
    this.#replicas = true;
    this.#refusedWords = null;
    for (const { near, far } of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  close(): Promise<void> {
    return this.#close();
  }

  #endAll(): void {
    for (const pair of this.#pairs) end(pair);
    this.#pairs.clear();
  }

  #join(near: Socket): void {
    if (this.#mode.is === "cut") {
      this.refused += 1;
      return void near.resetAndDestroy();
    }
    const far = connect(this.#target, "127.0.0.1");
    const pair: Pair = {
      near,
      far,
      lost: this.#losing,
      replica: false,
      doomed: null,
      heldRequests: false,
      mute: false,
      late: null,
    };
    this.#pairs.add(pair);
    const ended = () => {
      end(pair);
      this.#pairs.delete(pair);
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", ended);
    }
    near.on("close", ended);
    far.on("close", () => {
      if (!pair.lost) inOrder(pair, 0, () => near.destroySoon());
    });
    near.on("data", (bytes: Buffer) => this.#request(pair, bytes));
    far.on("data", (bytes: Buffer) => this.#answer(pair, bytes));
    if (this.#mode.is === "hold") {
      near.pause();
      far.pause();
    }
  }

  #request(pair: Pair, bytes: Buffer): void {
    this.#sent?.push(bytes);
    if (!pair.replica && bytes.includes(REPLICA_SAYS)) pair.replica = true;
    const refused = this.#refusedWords !== null && bytes.includes(this.#refusedWords);
    if (refused || (pair.replica && !this.#replicas)) return void end(pair);
    if (this.#victim !== null && bytes.includes(this.#victim.words)) {
      pair.doomed = this.#victim;
      this.#victim = null;
    }
    if (this.#holdWords !== null && bytes.includes(this.#holdWords)) pair.heldRequests = true;
    if (pair.heldRequests) this.#requests.push(() => pair.far.write(bytes));
    else if (!pair.lost) pair.far.write(bytes);
  }

  #answer(pair: Pair, bytes: Buffer): void {
    if (pair.lost) return;
    if (pair.doomed !== null) {
      this.dropped += 1;
      if (pair.doomed.cut) this.#mode = { is: "cut" };
      return void end(pair);
    }
    if (this.#holdingAnswers) {
      pair.mute = true;
      this.#answers.push(() => {
        pair.mute = false;
        pair.near.write(bytes);
      });
      return;
    }
    if (pair.mute) return;
    const mode = this.#mode;
    if ((mode.is === "drop" || mode.is === "halve") && Math.random() < mode.probability) {
      // Not of the plan: which answer comes when is chance already.
      this.spoiled += 1;
      if (mode.is === "drop") return void end(pair);
      pair.near.write(bytes.subarray(0, bytes.length >> 1));
      setImmediate(end, pair);
      return;
    }
    inOrder(pair, mode.is === "delay" ? mode.ms : 0, () => pair.near.write(bytes));
  }
}
