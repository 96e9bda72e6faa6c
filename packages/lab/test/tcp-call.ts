import { connect } from "node:net";

/** Sends `words` to a port of the loopback: what came back within `withinMs` of silence, and whether the connection was closed. */
export function call(
  port: number,
  words: string,
  withinMs = 2_000,
): Promise<{ got: string; closed: boolean }> {
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(words));
    const end = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ got, closed });
    };
    const timer = setTimeout(() => end(false), withinMs);
    socket.on("data", (bytes) => {
      got += bytes;
      if (got.length === words.length) end(false);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => end(true));
  });
}
