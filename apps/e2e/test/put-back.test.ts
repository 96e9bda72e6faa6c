import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createClient, textOf, textSecret } from "@mayfly/client";
import type { Running } from "@mayfly/lab/running";
import { type Folder, temporaryFolder } from "@mayfly/lab/temporary-folder";
import { until } from "@mayfly/lab/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Keeping } from "../src/keeping.ts";
import { startRedisServer } from "../src/redis-server.ts";
import { type Api, type Environment, isReady, startApi, startWorker } from "../src/service.ts";
import { sideBySide } from "./side-by-side.ts";

/** A store that is copied and put back past its service. */
interface Copied {
  readonly keeping: Pick<Keeping, "env">;
  /** Resolves when what was done since the copy is in the store's files, and the API remembers it. */
  written(): Promise<void>;
  copy(): void;
  putBack(): Promise<void>;
  stop(): Promise<void>;
}

const kinds = ["sqlite", "redis"] as const;

function sqlite(folder: Folder): Copied {
  const file = join(folder.path, "data", "mayfly.db");
  const log = `${file}-wal`;
  return {
    keeping: { env: { DATA_DIR: join(folder.path, "data") } },
    written: async () =>
      until(
        () => "the log to be cut",
        () => !existsSync(log) || statSync(log).size === 0,
      ).then(() => undefined),
    copy: () => copyFileSync(file, join(folder.path, "copy.db")),
    putBack: async () => copyFileSync(join(folder.path, "copy.db"), file),
    stop: async () => undefined,
  };
}

async function redis(folder: Folder): Promise<Copied> {
  const server = await startRedisServer({ appendfsync: "always" });
  const copy = join(folder.path, "copy");
  const marks = join(folder.path, "mark");
  const remembered = () => {
    const names = readdirSync(marks).filter((name) => /\.api-.*\.mark$/.test(name));
    const ages = names.map((name) => JSON.parse(readFileSync(join(marks, name), "utf8")) as { age: number });
    return Math.max(...ages.map(({ age }) => age));
  };
  let copied = 0;
  return {
    keeping: { env: { REDIS_URL: server.url, MAYFLY_MARK_DIR: marks } },
    written: async () =>
      until(
        () => "the beat that follows",
        () => remembered() > copied,
      ).then(() => undefined),
    copy: () => {
      copied = remembered();
      cpSync(server.folder, copy, { recursive: true });
    },
    putBack: async () => {
      await server.kill();
      for (const name of readdirSync(server.folder)) rmSync(join(server.folder, name), { recursive: true });
      cpSync(copy, server.folder, { recursive: true });
      await server.start();
    },
    stop: server.stop,
  };
}

sideBySide(kinds, "a copy of %s that is put back", (kind) => {
  const folder = temporaryFolder("put-back");
  let store: Copied;
  let keeping: Keeping;
  let api: Api;
  let worker: Running;
  let code: string;

  const start = async (env: Environment = {}) => {
    api = await startApi(keeping, env);
    worker = startWorker(keeping, env);
    await until(
      () => `the service to be ready: ${api.running.output}${worker.output}`,
      () => isReady(api.origin),
    );
  };
  const protect = async (text: string) =>
    (await createClient({ server: api.origin }).protect(textSecret(text), { lifetime: 300, reads: 1 })).link;
  const read = async (link: string) => {
    const server = api.origin;
    return textOf((await createClient({ server }).open(link.replace(/^http:\/\/[^/]+/, server))).secret);
  };

  beforeAll(async () => {
    store = kind === "sqlite" ? sqlite(folder) : await redis(folder);
    keeping = store.keeping as Keeping;
  });
  afterAll(async () => {
    await Promise.all([api?.running.stop(), worker?.stop()]);
    await store?.stop();
    folder.remove();
  });

  let link: string;

  test("halts a service that runs, which no restart of its worker heals", async () => {
    await start();
    link = await protect("to be read once");
    await store.written();
    await Promise.all([api.running.stop(), worker.stop()]);
    store.copy();
    await start();
    expect(await read(link)).toBe("to be read once");
    await store.written();
    await store.putBack();
    await until(
      () => `the halt: ${api.running.output}`,
      () => api.running.stderr.includes('"event":"halted","code":"rolled_back"'),
    );
    await worker.stop();
    worker = startWorker(keeping);
    expect(await worker.ended).toBe(1);
    expect(worker.stderr).toMatch(/MAYFLY_RESTORED=discard:[0-9a-f]{12}$/m);
    expect(await isReady(api.origin)).toBe(false);
  });

  test("refuses each start, with the same two ways on for API and worker", async () => {
    await api.running.stop();
    const refused = await startApi(keeping).then(
      () => "",
      (error: Error) => error.message,
    );
    code = /MAYFLY_RESTORED=accept:([0-9a-f]{12})$/m.exec(refused)?.[1] ?? "none";
    expect(refused).toContain(`MAYFLY_RESTORED=discard:${code}`);
    worker = startWorker(keeping);
    expect(await worker.ended).toBe(1);
    expect(worker.stderr).toContain(`MAYFLY_RESTORED=discard:${code}`);
  });

  test("serves nothing of before when it is discarded, and goes on", async () => {
    await start({ MAYFLY_RESTORED: `discard:${code}` });
    await expect(read(link)).rejects.toThrow();
    expect(await read(await protect("after it"))).toBe("after it");
  });

  test("is no more to be feared after a reboot, with the code still set", async () => {
    const kept = await protect("kept");
    for (const running of [api.running, worker]) {
      running.kill("SIGKILL");
      await running.ended;
    }
    await start({ MAYFLY_RESTORED: `discard:${code}` });
    expect(await read(kept)).toBe("kept");
    expect(`${api.running.stderr}${worker.stderr}`).not.toContain("Nothing remembers");
  });

  test("is refused again when it is put back again, with the code still set", async () => {
    await Promise.all([api.running.stop(), worker.stop()]);
    await store.putBack();
    const again = startApi(keeping, { MAYFLY_RESTORED: `discard:${code}` });
    await expect(again).rejects.toThrow(/MAYFLY_RESTORED=discard:[0-9a-f]{12}/);
  });
});
