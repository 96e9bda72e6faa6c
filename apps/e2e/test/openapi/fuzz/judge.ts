/** Whether an answer is one that the description promises for what was asked. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { pages } from "@mayfly/wire";
import type { Answer } from "./connection.ts";
import type { DescribedAnswer, DescribedOperation, Description } from "./description.ts";
import { Echoes } from "./echoes.ts";
import type { Request } from "./request.ts";

/** Headers that belong to one connection or one body, not to the service. */
const OF_THE_MESSAGE = new Set(["connection", "content-length", "content-type", "date", "keep-alive"]);
/** What the page's own files come with. */
const OF_THE_PAGE = new Set([
  "accept-ranges",
  "cache-control",
  "content-encoding",
  "etag",
  "last-modified",
  "vary",
]);
const PAGES = new Set<string>(Object.values(pages));
/** What is decided about a request before it is known whom it is for. */
const OF_ANY_REQUEST = [400, 408, 415, 421, 431, 503];
/** Refusals of the body that no schema can say: lengths without padding, this service's own limits, who shows what. */
const BEYOND_SCHEMAS = new Set(["bytes", "lifetime", "body", "part"]);

export class Judge {
  readonly #description: Description;
  /** Of every answer: name and value. */
  readonly #frozen: ReadonlyMap<string, string>;
  readonly #page: Buffer;
  readonly #echoes: Echoes;

  /** `usual` is an answer of the service, and `page` its page: what they have, all others must have. */
  constructor(description: Description, usual: Answer, page: Answer) {
    this.#description = description;
    this.#frozen = new Map([...usual.headers].filter(([name]) => !OF_THE_MESSAGE.has(name)));
    this.#page = page.body;
    const said = [description.text, page.body.toString("latin1"), ...usual.headers.values()];
    // By this name it asks for the token.
    this.#echoes = new Echoes([...said, "Authorization"]);
  }

  /** The operation that the request's line names, if it names one; with another method or address there is none. */
  operationOf({ method, target }: Request): DescribedOperation | null {
    const path = pathOf(target);
    return (
      this.#description.operations.find((each) => takes(each, method) && templateOf(each).test(path)) ?? null
    );
  }

  /** What is wrong with the answer; empty when nothing is. `ids` are those that the service has given. */
  faults(request: Request, answer: Answer, ids: ReadonlySet<string>): string[] {
    const operation = this.operationOf(request);
    const own = operation === null ? null : this.#operationFaults(operation, request, answer, ids);
    // A damaged request may have become another one, and an odd address may not reach the route that it looks like.
    const isOdd =
      request.isDamaged || /[^\w./-]/.test(pathOf(request.target)) || pathOf(request.target).includes("//");
    const faults =
      own === null
        ? this.#elsewhereFaults(request, answer)
        : isOdd && own.length > 0
          ? this.#anyFaults(request, answer, ids)
          : own;
    return [
      ...(answer.status === 500 ? ["500, a mistake of the service"] : []),
      ...faults,
      ...this.#frozenFaults(answer, operation?.answers.get(answer.status)),
      ...this.#echoes.faults(request, answer),
    ];
  }

  #operationFaults(
    operation: DescribedOperation,
    request: Request,
    answer: Answer,
    ids: ReadonlySet<string>,
  ): string[] {
    const declared = operation.answers.get(answer.status);
    if (declared === undefined) return [`${operation.name} does not declare ${answer.status}`];
    const faults = contentFaults(declared, answer, request.method === "HEAD");
    const succeeded = answer.status < 300;
    const id = /\/secrets\/([^/?]+)/.exec(request.target)?.[1];
    if (succeeded && id !== undefined && !ids.has(id))
      faults.push("a success for an id that was never given");
    if (request.isDamaged) return faults;
    const [content] = operation.takes.values();
    // A body of no bytes is none: whether one has to come, the description says.
    const isLeftOut = operation.bodyIsOptional && request.body?.length === 0;
    if (content?.fits && request.body !== null && !isLeftOut) {
      const fits = content.fits(jsonOf(request.body));
      if (succeeded && !fits) faults.push("a success for a body that the description refuses");
      const isPlain =
        request.headers.length <= 5 && /^application\/json$/.test(headerOf(request, "Content-Type") ?? "");
      if (answer.status === 400 && fits && isPlain) faults.push(...refusedFields(answer));
    }
    return faults;
  }

  /** Of an address or a method that the description does not know: a problem, or the page. */
  #elsewhereFaults(request: Request, { status, headers, body }: Answer): string[] {
    const { method, target } = request;
    const type = mediaType(headers.get("content-type"));
    if (type === "text/html" && asksForPage(request)) {
      const isPage =
        method === "HEAD" ||
        body.length === 0 ||
        this.#page.equals(plain(body, headers.get("content-encoding")));
      return isPage && [200, 304, 404].includes(status) ? [] : ["another page than the page"];
    }
    const problem = method === "HEAD" ? null : jsonOf(body);
    if (type !== "application/problem+json") return [`${status} without a problem`];
    if (problem !== null && !this.#description.problem(problem)) return ["a problem that is none"];
    // A body is refused before the address is looked at; and an address that looks like a route's may have met it.
    if (![403, 404, 405, 413, ...OF_ANY_REQUEST].includes(status))
      return [`${status} for an address that nobody describes`];
    if ((status === 405) !== headers.has("allow")) return [`${status} and Allow`];
    const path = target.split("?", 1)[0] ?? "";
    const known = this.#description.operations.filter((each) => templateOf(each).test(path));
    const methods = PAGES.has(path)
      ? ["GET, HEAD"]
      : known.map(({ method }) => (method === "GET" ? "GET, HEAD" : method));
    return status !== 405 || methods.join(", ") === headers.get("allow")
      ? []
      : ["Allow lists other methods than the description"];
  }

  /** Of whatever a damaged request has become. */
  #anyFaults(request: Request, answer: Answer, ids: ReadonlySet<string>): string[] {
    const kinds = this.#description.operations.map((each) =>
      this.#operationFaults(each, request, answer, ids),
    );
    const elsewhere = this.#elsewhereFaults(request, answer);
    return [elsewhere, ...kinds].some(({ length }) => length === 0) ? [] : elsewhere;
  }

  #frozenFaults({ headers }: Answer, declared: DescribedAnswer | undefined): string[] {
    const isFile = !/problem|json|octet-stream|text\/plain/.test(headers.get("content-type") ?? "json");
    const lost = [...this.#frozen]
      .filter(([name, value]) => headers.get(name) !== value && !(isFile && OF_THE_PAGE.has(name)))
      .map(([name]) => `without its ${name}`);
    const surplus = [...headers.keys()].filter(
      (name) =>
        !this.#frozen.has(name) &&
        !OF_THE_MESSAGE.has(name) &&
        !(isFile && OF_THE_PAGE.has(name)) &&
        name !== "allow" &&
        !(this.#description.headerNames.has(name) && (declared === undefined || declared.headers.has(name))),
    );
    return [...lost, ...surplus.map((name) => `with ${name}, which nobody declares`)];
  }
}

/** A body as it was before compression; whatever does not decompress, as it came. */
function plain(body: Buffer, encoding: string | undefined): Buffer {
  const decode = encoding === "br" ? brotliDecompressSync : encoding === "gzip" ? gunzipSync : null;
  try {
    return decode?.(body) ?? body;
  } catch {
    return body;
  }
}

/** HEAD asks as GET does (RFC 9110, section 9.3.2). */
function takes(operation: DescribedOperation, method: string): boolean {
  return operation.method === (method === "HEAD" ? "GET" : method);
}

/** `bare`: an answer to HEAD, which tells of a body that does not come. */
function contentFaults({ content, headers }: DescribedAnswer, answer: Answer, bare: boolean): string[] {
  const faults: string[] = [];
  for (const [name, fits] of headers) {
    const value = answer.headers.get(name);
    if (value === undefined) faults.push(`without the declared ${name}`);
    else if (!fits(value) && !fits(Number(value))) faults.push(`${name} is not as declared`);
  }
  if (content.size === 0) {
    if (answer.body.length > 0 || answer.headers.has("content-type"))
      faults.push("a body that nobody declares");
    return faults;
  }
  const type = mediaType(answer.headers.get("content-type"));
  const declared = content.get(type);
  if (declared === undefined) return [...faults, `${answer.status} as ${type}, which nobody declares`];
  if (bare && answer.body.length > 0) faults.push("a body for HEAD");
  if (declared.fits === null || bare) return faults;
  const value = type === "text/plain" ? answer.body.toString() : jsonOf(answer.body);
  const { code } = (value ?? {}) as { code?: string };
  if (declared.codes.length > 0 && !declared.codes.includes(code ?? ""))
    faults.push(`a ${answer.status} with a code that it does not declare`);
  if (!declared.fits(value)) {
    const [fault] = declared.fits.errors ?? [];
    faults.push(`a ${answer.status} that its schema refuses: ${fault?.schemaPath} ${fault?.message}`);
  }
  return faults;
}

function refusedFields(answer: Answer): string[] {
  const { errors = [] } = jsonOf(answer.body) as { errors?: { field: string }[] };
  return errors
    .filter(({ field }) => !BEYOND_SCHEMAS.has(field))
    .map(({ field }) => `refused for ${field}, which fits the description`);
}

/** Whether the page may answer. In damaged bytes any line may have become a request's first. */
function asksForPage({ method, target, bytes, isDamaged }: Request): boolean {
  const lines = isDamaged ? bytes.toString("latin1").split(/\r?\n/) : [`${method} ${target}`];
  return lines.some((line) => /^(GET|HEAD) (?!\/api\/)/.test(line));
}

function headerOf({ headers }: Request, wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1];
}

function pathOf(target: string): string {
  const path = target.split("?", 1)[0] ?? "";
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function templateOf({ path }: DescribedOperation): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

function mediaType(header = ""): string {
  return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** Undefined where it is none. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
