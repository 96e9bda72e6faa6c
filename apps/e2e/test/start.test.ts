import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createClient, textOf, textSecret } from "@mayfly/client";
import { freePort } from "@mayfly/lab/ports";
import { childrenOf } from "@mayfly/lab/processes";
import { Running } from "@mayfly/lab/running";
import { type Folder, temporaryFolder } from "@mayfly/lab/temporary-folder";
import { Hopeless, until } from "@mayfly/lab/until";
import { afterEach, describe, expect, test } from "vitest";
import { startRedisServer } from "../src/redis-server.ts";
import { isReady, START } from "../src/service.ts";

// Signals, killed children and refusals one by one are tested beside the supervisor, in infra/.
describe("the one command", () => {
  const undo: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  function run(env: Record<string, string>): { mayfly: Running; folder: Folder } {
    const folder = temporaryFolder("start");
    const mayfly = new Running(process.execPath, [START], { env, cwd: folder.path, group: true });
    undo.push(() => folder.remove());
    undo.push(async () => {
      mayfly.kill("SIGINT");
      await mayfly.ended;
    });
    return { mayfly, folder };
  }

  const address = (mayfly: Running) =>
    until(
      () => `the address: ${mayfly.output}`,
      () => {
        if (mayfly.over) throw new Hopeless(mayfly.output);
        return /^Mayfly is ready: (http\S+)\n$/.exec(mayfly.stdout)?.[1];
      },
      60_000,
    );

  test("gives a page and a service that works, keeps what it holds through a killed API, and ends with Ctrl-C", async () => {
    const port = await freePort();
    const { mayfly } = run({ PORT: String(port) });
    const origin = await address(mayfly);
    expect(origin).toBe(`http://localhost:${port}`);
    const page = await (await fetch(origin)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? "no script in the page";
    expect((await fetch(origin + script)).status).toBe(200);

    const client = createClient({ server: origin });
    const { link } = await client.protect(textSecret("kept"), { lifetime: 300, reads: 1 });
    expect(link.startsWith(`${origin}/s#`)).toBe(true);
    process.kill(childOf(mayfly, "api"), "SIGKILL");
    await until("the end to be said", () => mayfly.stderr.includes("The API ended (killed by SIGKILL)"));
    await until("the API to be back", () => isReady(origin));
    expect(textOf((await client.open(link)).secret)).toBe("kept");

    mayfly.kill("SIGINT");
    expect(await mayfly.ended).toBe(0);
    expect(await isListening(port)).toBe(false);
    expect(mayfly.stdout).toBe(`Mayfly is ready: ${origin}\n`);
  });

  test("keeps everything in Redis when it is told so", async () => {
    const redis = await startRedisServer();
    undo.push(() => redis.stop());
    const { mayfly, folder } = run({ PORT: "0", REDIS_URL: redis.url });
    const client = createClient({ server: await address(mayfly) });
    const { link } = await client.protect(textSecret("kept"), { lifetime: 300, reads: 1 });
    expect(await redis.command("--scan", "--pattern", "mayfly:*:part:0")).toContain("mayfly:{");
    expect(textOf((await client.open(link)).secret)).toBe("kept");
    expect(existsSync(join(folder.path, "data"))).toBe(false);
    mayfly.kill("SIGINT");
    expect(await mayfly.ended).toBe(0);
  });

  test("says in a plain sentence that Redis does not answer, and starts nothing", async () => {
    const port = await freePort();
    const { mayfly } = run({
      PORT: String(port),
      REDIS_URL: `redis://canary-user:canary-word@127.0.0.1:${await freePort()}/0`,
    });
    expect(await mayfly.ended).toBe(1);
    expect(mayfly.stderr).toMatch(/^.*Redis.*(reach|answer|connect).*\.$/im);
    expect(mayfly.stderr).toContain("The API refused to start.");
    expect(mayfly.output).not.toMatch(/canary|^\s+at |Error:/m);
    expect(mayfly.stdout).toBe("");
    expect(await isListening(port)).toBe(false);
  });

  test("lists all faults of the configuration and listens nowhere", async () => {
    const port = await freePort();
    const { mayfly } = run({
      PORT: String(port),
      MAYFLY_RATE_LIMITS: "none",
      MAYFLY_TYPO: "1",
      TRUSTED_PROXIES: "true",
    });
    expect(await mayfly.ended).toBe(1);
    for (const name of ["MAYFLY_RATE_LIMITS", "MAYFLY_TYPO", "TRUSTED_PROXIES"])
      expect(mayfly.stderr).toContain(`  ${name}: `);
    expect(await isListening(port)).toBe(false);
  });
});

/** The process id of the program that runs `apps/NAME`, among the supervisor's children. */
function childOf(mayfly: Running, name: string): number {
  const child = childrenOf(mayfly.pid).find(({ command }) => command.includes(`apps/${name}/src/main.ts`));
  if (child === undefined) throw new Error(`no ${name} below ${mayfly.pid}`);
  return child.pid;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => socket.end(() => resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
