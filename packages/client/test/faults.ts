import type { Fault } from "./tiny-service.ts";

/** The fault `fate` for the first so many requests that match. */
export function times(count: number, match: RegExp, fate: Fault): Fault {
  let left = count;
  return (seen, response) =>
    match.test(`${seen.method} ${seen.url}`) && left-- > 0 ? fate(seen, response) : "serve";
}

/** An answer in place of the service's own. */
export function problem(status: number, body: object | string, headers = {}): Fault {
  return (_seen, response) => {
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    return "answered";
  };
}
