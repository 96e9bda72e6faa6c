import { setTimeout as wait } from "node:timers/promises";
import { cpuSeconds, residentBytes } from "@mayfly/lab/processes";
import { isEnvelopeLength, type Service as ServiceAnswer } from "@mayfly/wire";
import { newClaim, send } from "../../src/reader.ts";
import { stall } from "../../src/stall.ts";
import { type Figure, type Part, subjectOf } from "../figure.ts";
import { type Server, type StoreKind, startService, startStore } from "../ground.ts";
import { answerTo, envelopeOf, newLife, traffic } from "../secret-traffic.ts";

const MB = 1e6;
/** How many others try something during a flood. */
const OTHERS = 10;
/** The flood's networks: loopback addresses, or IPv6 networks of documentation behind the trusted proxy. */
const NETWORKS = 9;
/** Reservations that each of them tries: more than any limit of today allows in a minute. */
const TRIES = 100;
const QUIET_MS = 1_000;
const LONGEST_MS = 30_000;

export const floodPart: Part = {
  name: "flood",
  title: "What a stranger's flood costs others",
  notes: [
    "Unread: connections from nine loopback addresses ask for the one part (1 MiB) of a secret that they have claimed, and never read. Memory is resident memory of the API, its highest less that after a full collection before.",
    "Reservations: nine IPv6 networks, told by a trusted proxy, reserve envelopes of the longest length until nobody lets them. Meanwhile others reserve the smallest envelope.",
    "Uploads: connections from nine loopback addresses begin to deposit a part of 1 MiB for random ids, and send nothing more. Meanwhile ten others reserve and deposit the smallest envelope. Each of the others is another client.",
  ],
  async run({ stores, unread, stalledUploads }) {
    const figures: Figure[] = [];
    for (const kind of stores) {
      const subject = subjectOf(kind);
      figures.push(
        ...(await onService(kind, async (service) => {
          const { memory, refused } = await unreadResponses(service, unread);
          return [
            { subject, what: "memory for unread responses", value: memory / MB, unit: "MB", most: 300 },
            { subject, what: "others refused", value: refused, unit: "%", most: 0 },
          ];
        })),
        ...(await onService(kind, async (service) => {
          const { announced, refused } = await reservations(service);
          return [
            { subject, what: "reserved by the flood", value: announced / MB, unit: "MB" },
            { subject, what: "others' reservations refused", value: refused, unit: "%", most: 0 },
          ];
        })),
        ...(await onService(kind, async (service) => [
          {
            subject,
            what: "others' deposits refused",
            value: await uploads(service, stalledUploads),
            unit: "%",
            most: 0,
          },
        ])),
      );
    }
    return figures;
  },
};

/** A service as shipped, over an empty store. */
async function onService(
  kind: StoreKind,
  measure: (service: Server) => Promise<Figure[]>,
): Promise<readonly Figure[]> {
  const store = await startStore(kind);
  const service = await startService(store);
  try {
    return await measure(service);
  } finally {
    await service.stop();
    await store.stop();
  }
}

const loopback = (connection: number) => `127.0.0.${2 + (connection % NETWORKS)}`;

async function unreadResponses(
  service: Server,
  connections: number,
): Promise<{ readonly memory: number; readonly refused: number }> {
  const { origin, pid } = service;
  const { partBytes } = (await limitsOf(origin)).limits;
  const steps = traffic(envelopeOf(longestOf(partBytes)));
  const life = newLife();
  for (const step of steps.slice(0, 3)) {
    const { status, body } = await answerTo(origin, step.send(life));
    if (!step.see(life, status, body)) throw new Error("the secret could not be stored");
  }
  const body = JSON.stringify({ claim: life.claim });
  const request =
    `POST /api/v1/secrets/${life.id}/parts/0 HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  const before = (await service.memory()).rss;
  let highest = before;
  const sampling = setInterval(() => {
    highest = Math.max(highest, residentBytes(pid));
  }, 20);
  const flood = await stall(origin, { connections, from: loopback, bytes: () => request });
  await quiet(pid);
  let refused = 0;
  for (let other = 0; other < OTHERS; other++) refused += (await deposits(origin)) ? 0 : 1;
  clearInterval(sampling);
  flood.end();
  return { memory: highest - before, refused: (100 * refused) / OTHERS };
}

async function reservations(
  service: Server,
): Promise<{ readonly announced: number; readonly refused: number }> {
  const { origin } = service;
  const bytes = longestOf((await limitsOf(origin)).limits.envelopeBytes);
  const verifiers = { link: newClaim(), manage: newClaim() };
  const reserve = async (length: number, address: string) => {
    const told = await send(origin, "reserve", {
      json: { lifetime: 3600, reads: 1, bytes: length, verifiers },
      headers: { "X-Forwarded-For": address },
    });
    await told.arrayBuffer();
    return told.status === 201;
  };
  let [kept, tried, refused] = [0, 0, 0];
  const other = async () => {
    tried += 1;
    if (!(await reserve(envelopeOf(1).length, newLife().address))) refused += 1;
  };
  const network = async (number: number) => {
    for (let host = 1; host <= TRIES; host++) {
      if (await reserve(bytes, `2001:db8:ff0${number}:1::${host}`)) kept += 1;
      if (host % OTHERS === 0) await other();
    }
  };
  await Promise.all(Array.from({ length: NETWORKS }, (_, number) => network(number)));
  await other();
  return { announced: kept * bytes, refused: (100 * refused) / tried };
}

/** The percentage of others' deposits that are refused. */
async function uploads({ origin, pid }: Server, connections: number): Promise<number> {
  const { partBytes } = (await limitsOf(origin)).limits;
  const flood = await stall(origin, {
    connections,
    from: loopback,
    bytes: () =>
      `PUT /api/v1/secrets/${newClaim().slice(0, 21)}A/parts/0 HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n` +
      `Authorization: Bearer ${newClaim()}\r\nContent-Type: application/octet-stream\r\n` +
      `Content-Length: ${partBytes}\r\n\r\n`,
  });
  await quiet(pid);
  let refused = 0;
  for (let other = 0; other < OTHERS; other++) refused += (await deposits(origin)) ? 0 : 1;
  flood.end();
  return (100 * refused) / OTHERS;
}

/** Whether another client's smallest envelope is stored. */
async function deposits(origin: string): Promise<boolean> {
  const life = newLife();
  for (const step of traffic(envelopeOf(1)).slice(0, 2)) {
    const { status, body } = await answerTo(origin, step.send(life));
    if (status !== 201) return false;
    step.see(life, status, body);
  }
  return true;
}

async function limitsOf(origin: string): Promise<ServiceAnswer> {
  return (await (await send(origin, "service")).json()) as ServiceAnswer;
}

/** The longest envelope of at most `bytes`. */
function longestOf(bytes: number): number {
  let length = bytes;
  while (!isEnvelopeLength(length)) length -= 1;
  return length;
}

/** Resolves once the process has nothing to do, or after half a minute. */
async function quiet(pid: number): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  let before = cpuSeconds(pid);
  for (;;) {
    await wait(QUIET_MS);
    const now = cpuSeconds(pid);
    if (now - before < QUIET_MS / 10_000 || performance.now() > end) return;
    before = now;
  }
}
