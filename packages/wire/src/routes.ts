/**
 * The routes, without their schemas, so that a page can import them for a few bytes. `limit` is the
 * rate-limit class. `whileHalted`: the route works while maintenance is overdue, because it only destroys or
 * tells the service's state.
 */

export type LimitClass = "create" | "deposit" | "read" | "part" | "manage" | "service";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `{id}` and `{part}` in place of the values. */
  readonly path: string;
  readonly limit: LimitClass;
  readonly whileHalted: boolean;
}

export const API_PREFIX = "/api/";

export const routes = {
  reserve: { method: "POST", path: "/api/v1/secrets", limit: "create", whileHalted: false },
  deposit: { method: "PUT", path: "/api/v1/secrets/{id}/parts/{part}", limit: "deposit", whileHalted: false },
  open: { method: "POST", path: "/api/v1/secrets/{id}/open", limit: "read", whileHalted: false },
  part: { method: "POST", path: "/api/v1/secrets/{id}/parts/{part}", limit: "part", whileHalted: false },
  acknowledge: { method: "POST", path: "/api/v1/secrets/{id}/acknowledge", limit: "read", whileHalted: true },
  status: { method: "POST", path: "/api/v1/secrets/{id}/status", limit: "manage", whileHalted: false },
  burn: { method: "DELETE", path: "/api/v1/secrets/{id}", limit: "manage", whileHalted: true },
  service: { method: "GET", path: "/api/v1/service", limit: "service", whileHalted: true },
  openapi: { method: "GET", path: "/api/v1/openapi.json", limit: "service", whileHalted: true },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/**
 * Routes for the operator. They have no version, no schema and no rate limit, and work while the service is
 * halted.
 */
export const operatorRoutes = {
  livez: { method: "GET", path: "/livez" },
  readyz: { method: "GET", path: "/readyz" },
  metrics: { method: "GET", path: "/metrics" },
} as const satisfies Record<string, Pick<Route, "method" | "path">>;

export type OperatorRouteName = keyof typeof operatorRoutes;

/** The methods of a route. A route that takes GET also takes HEAD (RFC 9110, section 9.3.2). */
export function methodsOf({ method }: Pick<Route, "method">): readonly (Route["method"] | "HEAD")[] {
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

/** Fills in the route's path. The values need no escaping: an id is base64url, a part is a number. */
export function routePath(name: RouteName, values: { id?: string; part?: number } = {}): string {
  return routes[name].path.replace("{id}", values.id ?? "").replace("{part}", String(values.part ?? ""));
}

/** Names of the headers of an open's response. Every further part has `leaseEnds` too. */
export const OPEN_HEADERS = {
  parts: "Mayfly-Parts",
  bytes: "Mayfly-Bytes",
  readsLeft: "Mayfly-Reads-Left",
  leaseEnds: "Mayfly-Lease-Ends",
} as const;

export const ENVELOPE_MEDIA_TYPE = "application/octet-stream";
export const JSON_MEDIA_TYPE = "application/json";
