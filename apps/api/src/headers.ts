import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

/**
 * The content policy of every answer. Nothing but our own hashed files runs or loads, and the page has no way to make script
 * from text: the one policy named may only turn the passphrase worker's constant address into a script address, because
 * with `trusted-types 'none'` Chromium starts no worker at all. A reverse proxy adds nothing to these headers.
 */
const contentSecurityPolicy = {
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
};

const permissions = [
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

/**
 * The headers of every answer, whatever its status. Helmet is asked once: its middleware builds the same set anew for each
 * request, which costs more than the rest of a request put together.
 */
export const frozenHeaders: Readonly<Record<string, string>> = Object.freeze({
  ...helmetHeaders(),
  "permissions-policy": permissions.map((name) => `${name}=()`).join(", "),
  "x-robots-tag": "noindex, nofollow, noarchive",
});

function helmetHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => {},
  };
  helmet({
    contentSecurityPolicy,
    crossOriginEmbedderPolicy: { policy: "require-corp" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: false },
    xFrameOptions: { action: "deny" },
  })({} as IncomingMessage, response as unknown as ServerResponse, () => {});
  return headers;
}

export const NO_STORE = { "cache-control": "no-store" } as const;
