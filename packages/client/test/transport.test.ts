import { afterAll, beforeEach, expect, test } from "vitest";
import { createClient, textSecret } from "../src/index.ts";
import { startTinyService } from "./tiny-service.ts";

const tiny = await startTinyService(256);
const client = createClient({ server: tiny.origin });
const once = { lifetime: 3600, reads: 1 as const };

afterAll(() => tiny.stop());
beforeEach(() => tiny.reset());

test.each([
  ["burning", /DELETE/],
  ["opening", /open$/],
  ["a further part", /POST .*parts\/1$/],
])("an answer to %s that cannot be right is hung up on, though it never ends", async (_name, match) => {
  const { link, manageLink } = await client.protect(textSecret("x".repeat(700)), once);
  const hungUp = new Promise<void>((resolve) => {
    tiny.control.fault = ({ method, url }, response) => {
      if (!match.test(`${method} ${url}`)) return "serve";
      response.on("close", resolve).writeHead(200).write("<html>");
      return "answered";
    };
  });
  const work = match.test("DELETE") ? client.burn(manageLink) : client.open(link);
  await expect(work).rejects.toMatchObject({ code: "bad_answer" });
  await hungUp;
});

test("nothing is sent where a service would send it on to", async () => {
  const { link, manageLink } = await client.protect(textSecret("a"), once);
  const elsewhere = await startTinyService();
  tiny.control.fault = ({ url }, response) => {
    response.writeHead(307, { Location: `${elsewhere.origin}${url}` }).end();
    return "answered";
  };
  await expect(client.service()).rejects.toMatchObject({ code: "offline" });
  await expect(client.status(link)).rejects.toMatchObject({ code: "offline" });
  await expect(client.burn(manageLink)).rejects.toMatchObject({ code: "offline" });
  const stop = new AbortController();
  const opening = client.open(link, {
    signal: stop.signal,
    onProgress: ({ step }) => step === "waiting" && stop.abort(new Error("enough")),
  });
  await expect(opening).rejects.toThrow("enough");
  expect(elsewhere.seen).toEqual([]);
  await elsewhere.stop();
});

test.each([
  ["-5", undefined],
  ["1e3", undefined],
  ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  ["99999999999999999999", undefined],
  ["9999999", 86_400],
  ["0", 0],
])("Retry-After %j is told as %s", async (header, seconds) => {
  tiny.control.fault = (_seen, response) => {
    response.writeHead(503, { "Retry-After": header }).end();
    return "answered";
  };
  const error = await client.service().catch((error: unknown) => error);
  expect(error).toMatchObject({ code: "unavailable" });
  expect((error as { retryAfter?: number }).retryAfter).toBe(seconds);
});
