import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort } from "@mayfly/lab/ports";
import { cpuSeconds } from "@mayfly/lab/processes";
import { Running } from "@mayfly/lab/running";
import { until } from "@mayfly/lab/until";
import { isReady } from "../../src/service.ts";
import { type Figure, ofRounds, type Part, subjectOf } from "../figure.ts";
import { type BenchStore, startService, startStore } from "../ground.ts";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const API = file("../../../api/src/main.ts");
const WORKER = file("../../../worker/src/main.ts");

export const startUpPart: Part = {
  name: "start-up",
  title: "How long a start takes",
  notes: [
    "Again: one API process, from its beginning to the first 200 of /readyz, over a store that has been swept; from the sources, without a compile cache. First: API and worker together, over an empty store, the first sweep included.",
  ],
  async run({ stores, starts }) {
    const figures: Figure[] = [];
    for (const kind of stores) {
      const subject = subjectOf(kind);
      const [first, again]: [Start[], Start[]] = [[], []];
      for (let done = 0; done < starts; done++) {
        const store = await startStore(kind);
        first.push(await start(store, true));
        await store.stop();
      }
      const store = await startStore(kind);
      await (await startService(store)).stop();
      for (let done = 0; done < starts; done++) again.push(await start(store, false));
      await store.stop();
      figures.push(
        ofRounds(
          again.map(({ milliseconds }) => milliseconds),
          { subject, what: "again", unit: "ms" },
        ),
        ofRounds(
          again.map(({ cpuMs }) => cpuMs),
          { subject, what: "CPU of the API, again", unit: "ms" },
        ),
        ofRounds(
          first.map(({ milliseconds }) => milliseconds),
          { subject, what: "first", unit: "ms" },
        ),
      );
    }
    return figures;
  },
};

interface Start {
  readonly milliseconds: number;
  readonly cpuMs: number;
}

async function start(store: BenchStore, withWorker: boolean): Promise<Start> {
  const port = await freePort();
  const env = { PATH: process.env.PATH ?? "", PORT: String(port), HOST: "127.0.0.1", ...store.env };
  const begun = performance.now();
  const api = spawn(process.execPath, [API], { env, stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const worker = withWorker ? new Running(process.execPath, [WORKER], { env, channel: true }) : null;
  const listening = new Promise((resolve, reject) => {
    api.once("message", resolve);
    api.once("exit", () => reject(new Error("the API has ended at its start")));
  });
  await listening;
  await until("the API to be ready", () => isReady(`http://127.0.0.1:${port}`));
  const milliseconds = performance.now() - begun;
  const cpuMs = cpuSeconds(api.pid ?? 0) * 1000;
  const ended = new Promise((resolve) => api.once("close", resolve));
  api.kill("SIGTERM");
  await Promise.all([ended, worker?.stop()]);
  return { milliseconds, cpuMs };
}
