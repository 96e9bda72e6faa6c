import { createConnection } from "node:net";
import { StoreUnavailable } from "@mayfly/store";
import {
  ENVELOPE_MEDIA_TYPE,
  JSON_BODY_BYTES,
  JSON_MEDIA_TYPE,
  MIN_ENVELOPE_BYTES,
  type ProblemCode,
  problems,
  type RouteName,
  routePath,
  routes,
} from "@mayfly/wire";
import { routeProblems } from "@mayfly/wire/openapi";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overriding, type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

/** The services that refuse for reasons of their own, each by what is wrong with it. */
const services = {
  well: () => runService(),
  impatient: () =>
    runService({
      timeouts: { headersMs: 200, requestMs: 200, answerMs: 60_000, idleMs: 60_000, lookEveryMs: 50 },
    }),
  halted: () => runService({ swept: false }),
  full: () =>
    runService({
      wrapStore: (store) =>
        overriding(store, {
          reserve: async () => ({ outcome: "full" }),
          deposit: async () => ({ outcome: "full" }),
        }),
    }),
  crowded: () => runService({ bytes: { ofOne: 0, inAll: 0 } }),
  limited: () => counting(60_000),
  spent: () => counting(3_600_000),
  wrong: () =>
    runService({
      prepare: (app) =>
        app.addHook("onRequest", () => {
          throw new TypeError("a mistake");
        }),
    }),
  cut: () =>
    runService({
      wrapStore: (store) =>
        new Proxy(store, {
          get: (target, name) =>
            name === "heartbeat"
              ? target.heartbeat.bind(target)
              : () => Promise.reject(new StoreUnavailable("connection")),
        }),
    }),
} as const;

/** As if other processes had counted far too much in all windows of this length. */
function counting(lengthMs: number): Promise<RunningService> {
  return runService({
    environment: {
      MAYFLY_RATE_LIMITS: "on",
      MAYFLY_LIMITER_KEY: "0".repeat(32),
      MAYFLY_CLIENT_BYTES_PER_HOUR: "65536",
    },
    wrapStore: (store) =>
      overriding(store, {
        take: async (entries) =>
          entries.map(({ windowMs }) => ({
            total: windowMs === lengthMs ? 2 ** 60 : 0,
            resetMs: windowMs,
          })),
      }),
  });
}

/** More than one client of those services may deposit in an hour. */
const tooMuch = JSON.stringify({
  lifetime: 300,
  reads: 1,
  bytes: 62 + 65_536 + 16,
  verifiers: sampleSecret().verifiers,
});

/** Asks until what other processes have counted is known here. */
async function askUntil(status: number, service: keyof typeof services, route: RouteName): Promise<Response> {
  for (;;) {
    const answer = await ask(service, route);
    if (answer.status === status) return answer;
    await answer.arrayBuffer();
  }
}

const running = new Map<keyof typeof services, RunningService>();
beforeAll(async () => {
  for (const name of Object.keys(services) as (keyof typeof services)[])
    running.set(name, await services[name]());
});
afterAll(() => Promise.all([...running.values()].map((service) => service.close())));

/** As the program does twice a second: a look is believed for five. */
beforeEach(() => Promise.all([...running.values()].map(({ guard }) => guard.look())));

const by = (name: keyof typeof services) => running.get(name) as RunningService;

interface Asked {
  readonly id?: string;
  readonly part?: number;
  readonly bearer?: string;
  readonly body?: string | Uint8Array<ArrayBuffer> | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const ID = "AAAAAAAAAAAAAAAAAAAAAA";
const takesBytes = (route: RouteName) => route === "deposit";
const wantsToken = (route: RouteName) => route === "deposit" || route === "burn";

/** The response of a service that has begun to close. */
async function askClosing(route: RouteName): Promise<Response> {
  let letClose = () => {};
  const asked = new Promise<void>((resolve) => {
    letClose = resolve;
  });
  const service = await runService({ prepare: (app) => app.addHook("preClose", () => asked) });
  const closed = service.closeGracefully();
  try {
    return await ask(service, route);
  } finally {
    letClose();
    await closed;
  }
}

/** A request that nothing is wrong with but what is told. */
function ask(
  service: keyof typeof services | RunningService,
  route: RouteName,
  asked: Asked = {},
): Promise<Response> {
  const { id = ID, part = 0, bearer = wantsToken(route) ? randomText(32) : undefined, headers } = asked;
  const { body = wellFormed(route) } = asked;
  const { url } = typeof service === "string" ? by(service) : service;
  return fetch(url + routePath(route, { id, part }), {
    method: routes[route].method,
    headers: {
      ...(body !== null && { "content-type": takesBytes(route) ? ENVELOPE_MEDIA_TYPE : JSON_MEDIA_TYPE }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    body,
  });
}

function wellFormed(route: RouteName): string | Uint8Array<ArrayBuffer> | null {
  const { linkProof, verifiers, envelope } = sampleSecret();
  const claim = randomText(32);
  const bodies: Partial<Record<RouteName, object>> = {
    reserve: { lifetime: 300, reads: 1, bytes: MIN_ENVELOPE_BYTES, verifiers },
    open: { linkProof, claim },
    part: { claim },
    acknowledge: { claim },
    status: { linkProof },
  };
  const body = bodies[route];
  if (takesBytes(route)) return new Uint8Array(envelope);
  return body === undefined ? null : JSON.stringify(body);
}

/** What is answered to these bytes, until the service closes. */
function raw(service: keyof typeof services, request: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port: by(service).port, host: "127.0.0.1", allowHalfOpen: true }, () =>
      socket.write(request),
    );
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("end", () => socket.end());
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
      resolve(new Response(body, { status: Number(head.slice(9, 12)) }));
    });
  });
}

const line = (route: RouteName) =>
  `${routes[route].method} ${routePath(route, { id: ID, part: 0 })} HTTP/1.1\r\nHost: localhost\r\n`;

/** A secret in the state that the refusal wants, and the request that meets it there. */
async function protectedSecret(passphrase = false) {
  const calls = callsTo(by("well").url);
  const secret = sampleSecret();
  return { calls, secret, id: await calls.protect(secret, { passphrase }) };
}

async function goneFor(route: RouteName): Promise<Response> {
  const { calls, secret, id } = await protectedSecret();
  const claim = randomText(32);
  const opening = { linkProof: secret.linkProof, claim };
  await (await calls.open(id, opening)).arrayBuffer();
  if (route === "burn") await calls.acknowledge(id, claim);
  else await calls.burn(id, secret.manageToken);
  switch (route) {
    case "deposit":
      return calls.deposit(id, 0, secret.manageToken, secret.envelope);
    case "open":
      return calls.open(id, opening);
    case "part":
      return calls.part(id, 0, claim);
    default:
      return calls.burn(id, secret.manageToken);
  }
}

/** How each code is met. */
const provoked: Readonly<Record<ProblemCode, (route: RouteName) => Promise<Response>>> = {
  invalid_request: (route) => {
    if (routes[route].method === "GET") return raw("well", `${line(route)}Expect: miracles\r\n\r\n`);
    if (route === "deposit") return ask("well", route, { body: new Uint8Array(MIN_ENVELOPE_BYTES) });
    if (route === "burn") return raw("well", `${line(route)}Transfer-Encoding: identity\r\n\r\n`);
    return ask("well", route, { body: "{" });
  },
  unauthorized: (route) => ask("well", route, { bearer: "x", ...(route === "status" && { body: null }) }),
  cross_site: (route) => ask("well", route, { headers: { "sec-fetch-site": "cross-site" } }),
  passphrase_required: async () => {
    const { calls, secret, id } = await protectedSecret(true);
    return calls.open(id, { linkProof: secret.linkProof, claim: randomText(32) });
  },
  wrong_passphrase: async () => {
    const { calls, secret, id } = await protectedSecret(true);
    return calls.open(id, {
      linkProof: secret.linkProof,
      passphraseProof: randomText(32),
      claim: randomText(32),
    });
  },
  not_found: (route) => ask("well", route),
  method_not_allowed: (route) =>
    fetch(by("well").url + routePath(route, { id: ID, part: 0 }), { method: "PATCH" }),
  timeout: (route) => raw("impatient", line(route)),
  conflict: async () => {
    const { calls, secret, id } = await protectedSecret();
    return calls.deposit(id, 0, secret.manageToken, sampleSecret().envelope);
  },
  gone: goneFor,
  too_large: (route) =>
    ask("well", route, {
      headers: { "content-type": takesBytes(route) ? ENVELOPE_MEDIA_TYPE : JSON_MEDIA_TYPE },
      body: takesBytes(route) ? new Uint8Array(65_537) : `{"a":"${"x".repeat(JSON_BODY_BYTES)}"}`,
    }),
  unsupported_media_type: (route) => ask("well", route, { headers: { "content-encoding": "gzip" } }),
  misdirected: (route) =>
    raw("well", `${line(route).replace("localhost", "elsewhere.example")}Connection: close\r\n\r\n`),
  rate_limited: (route) => askUntil(429, "limited", route),
  quota_exceeded: (route) =>
    route === "deposit" ? askUntil(429, "spent", route) : ask("spent", route, { body: tooMuch }),
  busy: (route) => ask("crowded", route),
  headers_too_large: (route) => raw("well", `${line(route)}X-Long: ${"x".repeat(20_000)}\r\n\r\n`),
  internal: (route) => ask("wrong", route),
  halted: (route) => ask("halted", route),
  unavailable: (route) => (routes[route].limit === "service" ? askClosing(route) : ask("cut", route)),
  store_full: (route) => ask("full", route),
};

const declared = (Object.keys(routes) as RouteName[]).flatMap((route) =>
  routeProblems(route).map((code) => ({ route, code })),
);

test.each(declared)("really answers $route with $code, as the description says", async ({ route, code }) => {
  const answer = await provoked[code](route);
  expect([answer.status, (await answer.json()) as unknown]).toMatchObject([problems[code].status, { code }]);
});
