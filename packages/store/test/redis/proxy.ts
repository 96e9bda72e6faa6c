import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy on the loopback that stands between a store and its server and breaks what passes. */
export interface TestProxy {
  readonly port: number;
  /** `redis://` of the proxy. */
  readonly url: string;
  /** Lets the next request that contains `words` through, and closes the connection when its answer comes, unseen. Once. */
  dropAnswerTo(words: string, after?: "mend" | "cut"): void;
  /** Keeps back every answer until `release`. */
  hold(): void;
  release(): void;
  /** Answers from now on, but on connections opened from now on only: those that were held stay mute. */
  forget(): void;
  /** Every answer comes so much later; 0: at once again. */
  delay(milliseconds: number): void;
  /** Ends every connection, and accepts none until `mend`. */
  cut(): void;
  /** Accepts connections again after a cut. */
  mend(): void;
  /** How many answers were dropped so far. */
  readonly dropped: number;
  close(): Promise<void>;
}

export async function startProxy(target: number): Promise<TestProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let victim: string | null = null;
  let holding = false;
  let cutOff = false;
  let cutAfter = false;
  let dropped = 0;
  let late = 0;
  let held: (() => void)[] = [];

  const server = createServer((near) => {
    if (cutOff) {
      near.destroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    let doomed = false;
    let mute = false;
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    near.on("data", (request: Buffer) => {
      if (victim !== null && request.includes(victim)) {
        victim = null;
        doomed = true;
      }
      far.write(request);
    });
    far.on("data", (answer: Buffer) => {
      if (doomed) {
        dropped += 1;
        cutOff ||= cutAfter;
        end();
      } else if (holding) {
        mute = true;
        held.push(() => {
          mute = false;
          near.write(answer);
        });
      } else if (late > 0) setTimeout(() => near.write(answer), late);
      else if (!mute) near.write(answer);
    });
    for (const socket of pair) {
      socket.on("error", end);
      socket.on("close", end);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");

  const endAll = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    port: address.port,
    url: `redis://127.0.0.1:${address.port}/0`,
    dropAnswerTo: (words, after = "mend") => {
      victim = words;
      cutAfter = after === "cut";
    },
    hold: () => {
      holding = true;
    },
    release: () => {
      holding = false;
      for (const write of held) write();
      held = [];
    },
    forget: () => {
      holding = false;
      held = [];
    },
    delay: (milliseconds) => {
      late = milliseconds;
    },
    cut: () => {
      cutOff = true;
      endAll();
    },
    mend: () => {
      cutOff = false;
    },
    get dropped() {
      return dropped;
    },
    close: async () => {
      server.close();
      endAll();
      await once(server, "close");
    },
  };
}
