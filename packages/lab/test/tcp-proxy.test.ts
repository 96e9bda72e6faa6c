import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { listen } from "../src/ports.ts";
import { TcpProxy } from "../src/tcp-proxy.ts";
import { call as tcpCall } from "./tcp-call.ts";

describe("the proxy", () => {
  /** Answers each message with itself, and remembers it. */
  async function echo() {
    const heard: string[] = [];
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        heard.push(String(bytes));
        socket.write(bytes);
      });
    });
    const proxy = await TcpProxy.start(await listen(server));
    const stop = async () => {
      await proxy.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    };
    return { heard, proxy, stop };
  }

  test("drops an answer after the question has arrived, and halves one", async () => {
    const { heard, proxy, stop } = await echo();
    proxy.dropAnswers(1);
    expect(await tcpCall(proxy.port, "first")).toEqual({ got: "", closed: true });
    proxy.halveAnswers(1);
    expect(await tcpCall(proxy.port, "second")).toEqual({ got: "sec", closed: true });
    proxy.mend();
    expect(await tcpCall(proxy.port, "third")).toEqual({ got: "third", closed: false });
    expect(heard).toEqual(["first", "second", "third"]);
    expect(proxy.spoiled).toBe(2);
    await stop();
  });

  test("cuts, holds without loss, and delays in order", async () => {
    const { proxy, stop } = await echo();
    proxy.cut();
    expect(await tcpCall(proxy.port, "x")).toEqual({ got: "", closed: true });
    proxy.mend();
    proxy.hold();
    const held = tcpCall(proxy.port, "held");
    proxy.mend();
    expect((await held).got).toBe("held");
    proxy.delay(60);
    const began = performance.now();
    const late = tcpCall(proxy.port, "late");
    expect((await late).got).toBe("late");
    expect(performance.now() - began).toBeGreaterThan(50);
    await stop();
  });

  test("leaves a connection half open: nothing comes, and nothing is closed, even when others pass again", async () => {
    const { heard, proxy, stop } = await echo();
    proxy.halfOpen();
    const lost = await tcpCall(proxy.port, "lost", 200);
    expect(lost).toEqual({ got: "", closed: false });
    expect(heard).toEqual([]);
    proxy.mend();
    expect((await tcpCall(proxy.port, "found")).got).toBe("found");
    await stop();
  });
});
