import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { atExit } from "@mayfly/lab/at-exit";

/** A TCP proxy between a client and the API, that loses or keeps back what passes. */
export interface LossyProxy {
  readonly origin: string;
  /** Lets the next request that contains `words` through, and closes the connection when its answer comes, unseen. Once. */
  dropAnswerTo(words: string): void;
  /** Keeps back every request from the next one that contains `words`, until `release`. */
  holdFrom(words: string): void;
  release(): void;
  /** Closes the connection of every request that contains `words`, until `mend`. */
  refuseRequests(words: string): void;
  /** Closes what is open and refuses what comes, until `mend`. */
  cut(): void;
  mend(): void;
  readonly dropped: number;
  /** Connections that were refused while it was cut. */
  readonly refused: number;
  readonly held: boolean;
  /** Every byte that clients sent so far. */
  sent(): Buffer;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<LossyProxy> {
  const to = Number(new URL(target).port);
  const sockets = new Set<Socket>();
  let victim: string | null = null;
  let holdWords: string | null = null;
  let waiting: (() => void)[] = [];
  let refusedWords: string | null = null;
  let isCut = false;
  let dropped = 0;
  let refused = 0;
  const requests: Buffer[] = [];

  const server = createServer((near) => {
    if (isCut) {
      refused += 1;
      return void near.destroy();
    }
    const far = connect(to, "127.0.0.1");
    let doomed = false;
    let holding = false;
    const end = () => {
      for (const socket of [near, far]) {
        socket.destroy();
        sockets.delete(socket);
      }
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", end);
    }
    near.on("data", (request: Buffer) => {
      requests.push(request);
      if (refusedWords !== null && request.includes(refusedWords)) return end();
      if (victim !== null && request.includes(victim)) {
        victim = null;
        doomed = true;
      }
      if (holdWords !== null && request.includes(holdWords)) holding = true;
      if (holding) waiting.push(() => far.write(request));
      else far.write(request);
    });
    far.on("data", (answer: Buffer) => {
      if (!doomed) return void near.write(answer);
      dropped += 1;
      end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const forget = atExit(endAll);

  return {
    origin: `http://127.0.0.1:${port}`,
    dropAnswerTo: (words) => {
      victim = words;
    },
    holdFrom: (words) => {
      holdWords = words;
    },
    release: () => {
      holdWords = null;
      for (const send of waiting) send();
      waiting = [];
    },
    refuseRequests: (words) => {
      refusedWords = words;
    },
    cut: () => {
      isCut = true;
      endAll();
    },
    mend: () => {
      isCut = false;
      refusedWords = null;
    },
    get dropped() {
      return dropped;
    },
    get refused() {
      return refused;
    },
    get held() {
      return waiting.length > 0;
    },
    sent: () => Buffer.concat(requests),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      endAll();
      await closed;
      forget();
    },
  };
}
