/** What no client that means well would send. */
import fc, { type Arbitrary } from "fast-check";

/** A word that is found again wherever it is repeated. */
const marked = fc.stringMatching(/^[a-z]{4}[0-9]{12}$/);

/** Text for a place in a path, a field or a header: one line, as characters of one byte each. */
export const hostileText: Arbitrary<string> = fc.oneof(
  marked,
  fc.constantFrom(
    "..",
    "%2e%2e%2f%2e%2e%2fetc",
    "%00",
    "%",
    "%zz",
    "%c0%af",
    "%E2%80%AE",
    "%23",
    "%2F",
    "%252F",
    ";id=1",
    "*",
    ":id",
    "{id}",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "-1",
    "-0",
    "01",
    "1e3",
    "99999",
    "16384",
    "4294967296",
    "0x10",
    "1.0",
    "null",
    "undefined",
    "NaN",
    "' OR 1=1 --",
    "$(reboot)",
    "<script>alert(1)</script>",
  ),
  fc
    .tuple(marked, fc.constantFrom("%00", "'", '"', "<b>", "\t", "=", " ", "/", "//", "?", "\\"))
    .map((two) => two.join("")),
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).map(oneLine),
  fc.nat(9000).map((length) => "x".repeat(length)),
);

function oneLine(text: string): string {
  return Buffer.from(text, "utf8")
    .toString("latin1")
    .replaceAll(/[\r\n\0]/g, "~");
}

/** Bodies: some are nearly JSON, some are nothing. */
export const hostileBody: Arbitrary<Buffer> = fc.oneof(
  fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(3000).map((depth) => Buffer.from("[".repeat(depth) + "]".repeat(depth))),
  fc
    .integer({ min: 3900, max: 9000 })
    .map((length) => Buffer.from(JSON.stringify({ claim: "x".repeat(length) }))),
  marked.map((word) => Buffer.from(`{"${word}":"${word}","__proto__":{"${word}":1}}`)),
  fc
    .constantFrom(
      "",
      "{",
      "{}",
      "[]",
      "null",
      "true",
      '""',
      "-",
      "\ufeff{}",
      '{"claim":"a","claim":"b"}',
      '{"claim":"a","cl\\u0061im":"b"}',
      '{"claim":"\\ud800"}',
      '{"lifetime":NaN}',
      '{"lifetime":1e999}',
      `{"lifetime":${"9".repeat(1000)}}`,
      '{"a":1}{"a":1}',
      "'{}'",
      '{"claim":undefined}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"toString":1,"valueOf":2,"then":3}',
    )
    .map((text) => Buffer.from(text)),
  fc.constant(Buffer.from('{"claim":"\xff\xfe"}', "latin1")),
);

/** Headers beside those that the request needs. */
export const hostileHeader: Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constantFrom<readonly [string, string]>(
    ["Origin", "https://elsewhere.example"],
    ["Origin", "null"],
    ["Sec-Fetch-Site", "cross-site"],
    ["Sec-Fetch-Site", "none"],
    ["Content-Encoding", "gzip"],
    ["Content-Encoding", "identity"],
    ["Transfer-Encoding", "identity"],
    ["Expect", "100-continue"],
    ["Expect", "miracles"],
    ["Upgrade", "websocket"],
    ["Upgrade", "h2c"],
    ["X-HTTP-Method-Override", "DELETE"],
    ["X-Original-URL", "/metrics"],
    ["X-Forwarded-For", "127.0.0.1, ::1"],
    ["X-Forwarded-Host", "elsewhere.example"],
    ["Forwarded", "for=_hidden;proto=https"],
    ["Accept", "text/html;q=0.9, application/xml"],
    ["Accept-Encoding", "br, gzip"],
    ["Accept-Version", "9.9.9"],
    ["Range", "bytes=0-1"],
    ["If-None-Match", "*"],
    ["If-Match", '"x"'],
    ["Cookie", "session=1"],
    ["Host", "elsewhere.example"],
    ["TE", "trailers"],
    ["Trailer", "Authorization"],
    ["Authorization", "Basic dXNlcjpwYXNz"],
    ["Authorization", "Bearer"],
    ["Content-Length", "0"],
    ["Content-Type", "application/json; charset=utf-16"],
    ["Access-Control-Request-Method", "DELETE"],
  ),
  fc.tuple(
    fc.constantFrom("X-Any", "Authorization", "Content-Type", "Accept", "Origin", "Host", "User-Agent"),
    hostileText.map((text) => text.slice(0, 3000)),
  ),
);

/** A fault in the bytes themselves, wherever it falls. */
export interface Damage {
  readonly how: "flip" | "cut" | "drop" | "repeat" | "insert";
  /** From 0 to 1: where in the request; most of them fall into its head. */
  readonly where: number;
  readonly bytes: Uint8Array;
}

export const damages: Arbitrary<Damage> = fc.record({
  how: fc.constantFrom("flip", "cut", "drop", "repeat", "insert"),
  where: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
    fc
      .constantFrom("\r\n", "\r\n\r\n", "\0", " ", ":", "\n", "\t", "chunked", "\r\n x", "HTTP/0.9")
      .map((text) => Buffer.from(text)),
  ),
});

export function damaged(request: Buffer, { how, where, bytes }: Damage): Buffer {
  const head = Math.max(request.indexOf("\r\n\r\n") + 4, 1);
  const at = Math.min(Math.floor(where * head * 1.2), request.length - 1);
  const [before, after] = [request.subarray(0, at), request.subarray(at)];
  switch (how) {
    case "flip":
      return Buffer.concat([before, Buffer.of((request[at] ?? 0) ^ (bytes[0] ?? 1)), after.subarray(1)]);
    case "cut":
      return Buffer.from(before);
    case "drop":
      return Buffer.concat([before, after.subarray(bytes.length)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, 40), after]);
    case "insert":
      return Buffer.concat([before, bytes, after]);
  }
}
