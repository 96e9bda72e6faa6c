import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, createClient, textSecret } from "../src/index.ts";
import { startTinyService } from "./tiny-service.ts";

let tiny: Awaited<ReturnType<typeof startTinyService>>;
let client: Client;
const once = { lifetime: 3600, reads: 1 as const };

beforeAll(async () => {
  tiny = await startTinyService(256);
  client = createClient({ server: tiny.origin });
});
afterAll(() => tiny.stop());

test.each([
  ["burning", /DELETE/],
  ["opening", /open$/],
  ["a further part", /POST .*parts\/1$/],
])("an answer to %s that cannot be right is hung up on, though it never ends", async (_name, match) => {
  tiny.control.fault = () => "serve";
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
