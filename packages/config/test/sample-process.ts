/** A program for process.test.ts: its first argument says what it does. */
import { createServer } from "node:net";
import { runProcess } from "../src/process.ts";

const SECRET = "a sender's words";

runProcess("worker", async ({ log, open, onStop }) => {
  const [, , act] = process.argv;
  const said = (event: string) => () => log.info(event);
  if (act === "refuse") throw Object.assign(new Error(SECRET), { code: "EACCES" });
  if (act === "take_port") {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    await new Promise((_, reject) => createServer().once("error", reject).listen(port, "127.0.0.1"));
  }
  const store = await open();
  onStop(said("closed_first_part"));
  onStop(said("closed_second_part"));
  if (act === "stop_in_start") {
    process.kill(process.pid, "SIGTERM");
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("a part that was closed under it");
  }
  log.info("started");
  if (act === "throw") setImmediate(() => JSON.parse(SECRET));
  if (act === "reject") void Promise.reject(new TypeError(SECRET));
  setInterval(() => void store.now(), 1_000);
});
