import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

const REDIS = new URL("../../REDIS.md", import.meta.url);
const PASSWORD = "least-of-all";

/** Makes the user that REDIS.md gives the operator. Returns its name and password, as a URL has them. */
export async function makeLeastUser(redis: Redis): Promise<string> {
  const line = /^ACL SETUSER mayfly .*$/m.exec(readFileSync(REDIS, "utf8"))?.[0];
  if (line === undefined) throw new Error("REDIS.md gives no user");
  const [command = "", ...words] = line.replace("PASSWORD", PASSWORD).split(" ");
  await redis.call(command, ...words);
  return `mayfly:${PASSWORD}`;
}
