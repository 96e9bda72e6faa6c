/** Which problems a route may answer. */
import { PROBLEM_CODES, type ProblemCode } from "./codes.ts";
import { type OperatorRouteName, type Route, type RouteName, routes } from "./routes.ts";

/** Decided before routing, by the request's headers, its duration or the service's load. */
const anywhere: readonly ProblemCode[] = [
  "invalid_request",
  "timeout",
  "unsupported_media_type",
  "misdirected",
  "headers_too_large",
  "internal",
  "unavailable",
  "busy",
];

/** Every route of the protocol may answer these. */
const everyRoute: readonly ProblemCode[] = [...anywhere, "cross_site", "rate_limited"];

const own: Readonly<Record<RouteName, readonly ProblemCode[]>> = {
  reserve: ["too_large", "quota_exceeded", "store_full"],
  deposit: ["unauthorized", "too_large", "not_found", "conflict", "gone", "quota_exceeded", "store_full"],
  open: ["too_large", "passphrase_required", "wrong_passphrase", "not_found", "gone"],
  part: ["too_large", "not_found", "gone"],
  acknowledge: ["too_large", "not_found"],
  status: ["unauthorized", "too_large", "not_found"],
  // `burn` takes no body, but still refuses one that is too large.
  burn: ["unauthorized", "too_large", "not_found", "gone"],
  service: [],
  openapi: [],
};

const ownOfOperator: Readonly<Record<OperatorRouteName, readonly ProblemCode[]>> = {
  livez: [],
  readyz: ["halted"],
  metrics: ["not_found"],
};

/**
 * The problem codes of a route, in the order of PROBLEM_CODES. `method_not_allowed` belongs to a path, not to
 * a route.
 */
export function routeProblems(name: RouteName): ProblemCode[] {
  const route: Route = routes[name];
  return inOrder([...everyRoute, ...own[name], ...(route.whileHalted ? [] : (["halted"] as const))]);
}

/** The problem codes of an operator route. */
export function operatorProblems(name: OperatorRouteName): ProblemCode[] {
  return inOrder([...anywhere, ...ownOfOperator[name]]);
}

function inOrder(codes: readonly ProblemCode[]): ProblemCode[] {
  return PROBLEM_CODES.filter((code) => codes.includes(code));
}
