/** Which problems a route may answer. */
import { type ProblemCode, problemCodes } from "./problems.ts";
import { type Route, type RouteName, routes } from "./routes.ts";

/** Every route may answer these, whatever it is asked for. */
const anywhere: readonly ProblemCode[] = [
  "cross_site",
  "timeout",
  "rate_limited",
  "headers_too_large",
  "internal",
  "unavailable",
];

/** Routes that take a body. */
const ofBodies: readonly ProblemCode[] = ["invalid_request", "too_large", "unsupported_media_type"];

const own: Readonly<Record<RouteName, readonly ProblemCode[]>> = {
  reserve: [...ofBodies, "store_full"],
  deposit: [...ofBodies, "not_found", "conflict", "gone", "store_full"],
  open: [...ofBodies, "passphrase_required", "wrong_passphrase", "not_found", "gone"],
  part: [...ofBodies, "not_found", "gone"],
  acknowledge: [...ofBodies, "not_found"],
  status: [...ofBodies, "not_found"],
  burn: ["invalid_request", "not_found", "gone"],
  service: [],
  openapi: [],
};

/** The codes of a route, in the order of the problems' table. `method_not_allowed` belongs to a path, and to no route. */
export function routeProblems(name: RouteName): ProblemCode[] {
  const route: Route = routes[name];
  const codes = new Set([...anywhere, ...own[name], ...(route.whileHalted ? [] : (["halted"] as const))]);
  return problemCodes.filter((code) => codes.has(code));
}
