import type { Socket } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../http/problem.ts";
import { type Client, hold, release } from "./clients.ts";

const MIB = 1024 * 1024;

declare module "fastify" {
  interface FastifyRequest {
    /** What this request has of the process's memory; null before it is counted. */
    held: Held | null;
  }
  interface FastifyContextConfig {
    /** The most bytes of a response of this route. */
    responseBytes?: number;
  }
}

export interface BackpressureLimits {
  /** Bytes under way of one client. */
  readonly ofOne: number;
  /** Bytes under way in this process. */
  readonly inAll: number;
}

export const backpressureLimits: BackpressureLimits = { ofOne: 32 * MIB, inAll: 192 * MIB };

/** A request or response of no more than this is small. */
const SMALL_BYTES = 64 * 1024;
/** What large requests and responses leave of the process's bytes for small ones. */
const SMALL_SHARE = 1 / 8;
/** Of a JSON request and its response, or of a problem. */
const USUAL_BYTES = 4 * 1024;

/** The bytes of one request and its response, until the response is with the system, or its connection and its handler are gone. */
export interface Held {
  readonly client: Client;
  readonly socket: Socket;
  readonly ceiling: number;
  /** Of the body, kept until the response is done. */
  received: number;
  bytes: number;
  /** A step of the store may be under way, which holds its bytes although the client has left. */
  working: boolean;
  /** By when the system must have taken the response, on `performance.now()`. */
  until: number;
}

/**
 * Bytes in this process's memory: of requests by what has arrived, of responses from before the store is asked. Beyond the limits
 * `busy`, before anything was done. A response that its client does not read is given up after a time.
 */
export class Backpressure {
  /** Held by all. */
  #bytes = 0;
  readonly #limits: BackpressureLimits;
  readonly #patienceMs: number;
  readonly #all = new Set<Held>();
  readonly #bySocket = new WeakMap<Socket, Set<Held>>();
  readonly lookEveryMs: number;

  /** The connection of a response is reset no later than `answerMs` after its beginning. */
  constructor(limits: BackpressureLimits, answerMs: number) {
    this.#limits = limits;
    this.lookEveryMs = Math.min(1_000, answerMs / 10);
    this.#patienceMs = answerMs - this.lookEveryMs;
  }

  /** Counts every request of `app`, and looks for late responses while it listens. */
  watch(app: FastifyInstance): void {
    app.decorateRequest("held", null);
    app.addHook("onRequest", (request, _reply, done) => {
      this.#begin(request);
      done();
    });
    // A socket's own timeout is no help: it starts again with every byte that is read. Small responses too: a pipeline of them waits unread.
    app.addHook("onSend", (request, _reply, payload, done) => {
      if (request.held !== null) this.#respond(request.held, payload);
      done();
    });
    app.addHook("onResponse", (request, _reply, done) => {
      if (request.held !== null) this.#end(request.held);
      done();
    });
    app.server.on("listening", () => {
      const looking = setInterval(() => this.resetLate(), this.lookEveryMs).unref();
      app.server.once("close", () => clearInterval(looking));
    });
  }

  /**
   * The whole body, counted as it arrives. Throws `too_large` beyond `most` bytes, `busy` when there is no room for what has arrived.
   */
  receive(request: FastifyRequest, payload: NodeJS.ReadableStream, most: number): Promise<Buffer> {
    const { held } = request;
    // From here on by what has arrived, not by what may have.
    if (held !== null) this.#change(held, USUAL_BYTES);
    const chunks: Buffer[] = [];
    let received = 0;
    return new Promise((resolve, reject) => {
      const stop = (error?: Error) => {
        payload.off("data", take).off("end", finish).off("error", stop);
        if (error === undefined) resolve(Buffer.concat(chunks, received));
        else reject(error);
      };
      const take = (chunk: Buffer) => {
        received += chunk.length;
        if (received > most) return stop(new ProblemError("too_large"));
        if (held !== null && !this.#change(held, USUAL_BYTES + received))
          return stop(new ProblemError("busy"));
        if (held !== null) held.received = received;
        chunks.push(chunk);
      };
      const finish = () => stop();
      payload.on("data", take).on("end", finish).on("error", stop);
    });
  }

  /** Resets the connections of those that are late. */
  resetLate(): void {
    const now = performance.now();
    for (const held of this.#all) {
      if (held.until <= now) held.socket.resetAndDestroy();
      if (held.socket.destroyed && !held.working) this.#end(held);
    }
  }

  /** Runs the handler of a request, whose bytes are held until it has settled, also when its client leaves before. */
  async during<T>({ held }: FastifyRequest, handler: () => Promise<T>): Promise<T> {
    if (held === null) return handler();
    held.working = true;
    try {
      return await handler();
    } finally {
      held.working = false;
      if (held.socket.destroyed) this.#end(held);
    }
  }

  #begin(request: FastifyRequest): void {
    const { socket, headers } = request.raw;
    const declared = Number(headers["content-length"] ?? SMALL_BYTES + 1);
    const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
    const { responseBytes = USUAL_BYTES } = request.routeOptions.config;
    const { client } = request;
    // A client that has nothing else under way may read a part with what is kept for small ones.
    const isSmall =
      (responseBytes <= SMALL_BYTES || client[0]?.bytes === 0) && (!hasBody || declared <= SMALL_BYTES);
    const ceiling = this.#limits.inAll * (isSmall ? 1 : 1 - SMALL_SHARE);
    const held = {
      client,
      socket,
      ceiling,
      received: 0,
      bytes: 0,
      working: false,
      until: Infinity,
    };
    // Node takes some of a body before anybody reads it.
    const unread = hasBody ? Math.min(declared, SMALL_BYTES) : 0;
    this.#all.add(held);
    if (!this.#change(held, Math.max(unread, responseBytes))) {
      this.#all.delete(held);
      throw new ProblemError("busy");
    }
    request.held = held;
    let ofSocket = this.#bySocket.get(socket);
    if (ofSocket === undefined) {
      ofSocket = new Set();
      this.#bySocket.set(socket, ofSocket);
      const all = ofSocket;
      // Of a response whose client has left nobody says that it is over.
      socket.once("close", () => {
        for (const each of all) if (!each.working) this.#end(each);
      });
    }
    ofSocket.add(held);
  }

  #respond(held: Held, payload: unknown): void {
    held.until = performance.now() + this.#patienceMs;
    this.#change(held, held.received + lengthOf(payload));
  }

  #end(held: Held): void {
    if (!this.#all.delete(held)) return;
    this.#bySocket.get(held.socket)?.delete(held);
    release(held.client, "bytes", held.bytes);
    this.#bytes -= held.bytes;
  }

  /** False, and nothing is changed, when there is no room for more. True for what has ended: it holds nothing any more. */
  #change(held: Held, bytes: number): boolean {
    if (!this.#all.has(held)) return true;
    const more = bytes - held.bytes;
    if (more > 0) {
      if (this.#bytes + more > held.ceiling || !hold(held.client, "bytes", more, this.#limits.ofOne))
        return false;
    } else release(held.client, "bytes", -more);
    this.#bytes += more;
    held.bytes = bytes;
    return true;
  }
}

/** Of a stream, what it reads ahead. */
function lengthOf(payload: unknown): number {
  if (typeof payload === "string" || payload instanceof Uint8Array) return payload.length;
  return payload === null || payload === undefined ? 0 : SMALL_BYTES;
}
