import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Connections that strangers keep waiting. */
interface Stall {
  /** Closes all of them. */
  end(): void;
}

interface StallOptions {
  readonly connections: number;
  /** The address of this machine that a connection comes from, such as 127.0.0.2. */
  readonly from: (connection: number) => string;
  /** What a connection sends, once: whole requests, or the beginning of one. */
  readonly bytes: (connection: number) => string;
}

/** Below the server's backlog, so that no connection waits for a second try. */
const AT_ONCE = 200;

/** Resolves once every connection has sent its bytes, or was refused. None ever reads a response. */
export async function stall(origin: string, { connections, from, bytes }: StallOptions): Promise<Stall> {
  const { hostname, port } = new URL(origin);
  const sockets: Socket[] = [];
  const dial = async (connection: number) => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: from(connection) }).pause();
    sockets.push(socket);
    const refused = once(socket, "close");
    socket.on("error", () => undefined);
    const sent = new Promise((resolve) => socket.write(bytes(connection), resolve));
    await Promise.race([sent, refused]);
  };
  while (sockets.length < connections) {
    const first = sockets.length;
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, connections - first) }, (_, at) => dial(first + at)),
    );
  }
  return {
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
