/** Which problems a route may answer. */
import { type ProblemCode, problemCodes } from "./problems.ts";
import { type Route, type RouteName, routes } from "./routes.ts";

/** Every route may answer these, whatever it is asked for. */
const anywhere: readonly ProblemCode[] = [
  "cross_site",
  "timeout",
  "unsupported_media_type",
  "rate_limited",
  "headers_too_large",
  "internal",
  "unavailable",
];

/** Routes that take something of the sender or reader; a burn, which takes no body, refuses one that is too large. */
const ofSecrets: readonly ProblemCode[] = ["invalid_request", "too_large"];

const own: Readonly<Record<RouteName, readonly ProblemCode[]>> = {
  reserve: [...ofSecrets, "store_full"],
  deposit: [...ofSecrets, "not_found", "conflict", "gone", "store_full"],
  open: [...ofSecrets, "passphrase_required", "wrong_passphrase", "not_found", "gone"],
  part: [...ofSecrets, "not_found", "gone"],
  acknowledge: [...ofSecrets, "not_found"],
  status: [...ofSecrets, "not_found"],
  burn: [...ofSecrets, "not_found", "gone"],
  service: [],
  openapi: [],
};

/** The codes of a route, in the order of the problems' table. `method_not_allowed` belongs to a path, and to no route. */
export function routeProblems(name: RouteName): ProblemCode[] {
  const route: Route = routes[name];
  const codes = new Set([...anywhere, ...own[name], ...(route.whileHalted ? [] : (["halted"] as const))]);
  return problemCodes.filter((code) => codes.has(code));
}
