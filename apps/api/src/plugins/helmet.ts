import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import fastify, { type FastifyInstance } from "fastify";

/**
 * https://github.com/fastify/fastify-helmet, with the directives and headers of https://helmetjs.github.io.
 *
 * Nothing but our own hashed files loads or runs, and the page cannot make script from text. The one policy of
 * `trusted-types` turns the constant address of the passphrase worker into a script address: under `'none'` Chromium starts
 * no worker.
 */
const options = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      "default-src": ["'none'"],
      "script-src": ["'self'"],
      "style-src": ["'self'"],
      "img-src": ["'self'"],
      "connect-src": ["'self'"],
      "worker-src": ["'self'"],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
      "object-src": ["'none'"],
      "require-trusted-types-for": ["'script'"],
      "trusted-types": ["mayfly-worker"],
    },
  },
  crossOriginEmbedderPolicy: { policy: "require-corp" },
  crossOriginOpenerPolicy: { policy: "same-origin" },
  crossOriginResourcePolicy: { policy: "same-origin" },
  referrerPolicy: { policy: "no-referrer" },
  strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: false },
  xFrameOptions: { action: "deny" },
} satisfies FastifyHelmetOptions;

const refusedFeatures = [
  "accelerometer",
  "autoplay",
  "camera",
  "display-capture",
  "encrypted-media",
  "fullscreen",
  "geolocation",
  "gyroscope",
  "hid",
  "idle-detection",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "picture-in-picture",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "storage-access",
  "usb",
  "xr-spatial-tracking",
];

/** Headers that Helmet does not know. */
const moreHeaders = {
  "permissions-policy": refusedFeatures.map((name) => `${name}=()`).join(", "),
  "x-robots-tag": "noindex, nofollow, noarchive",
};

export const NO_STORE = { "cache-control": "no-store" } as const;

/**
 * Sets the security headers of every response of `app`. A reverse proxy adds none. Register it before all other hooks.
 *
 * The plugin builds its middleware anew for each request. It skips a route with `helmet: false`, which gets the same headers
 * from `securityHeaders`.
 */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, options);
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(reply.raw.hasHeader("content-security-policy") ? moreHeaders : securityHeaders);
    done();
  });
}

/**
 * The same headers as a table, for routes that the plugin skips and for responses that no hook sees: on a raw socket, or to
 * an address that does not decode. Read from a response of the plugin, so that nothing is written twice.
 */
export const securityHeaders: Readonly<Record<string, string>> = await readHeaders();

async function readHeaders(): Promise<Record<string, string>> {
  const probe = fastify();
  await addSecurityHeaders(probe);
  probe.get("/", (_request, reply) => reply.send(reply.getHeaders()));
  return (await probe.inject("/")).json();
}
