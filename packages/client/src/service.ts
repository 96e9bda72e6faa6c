import type { Service } from "@mayfly/wire";
import { serviceAnswer } from "./answers.ts";
import type { Connection } from "./connection.ts";

/** Whether the service accepts secrets, and its limits. Throws ClientError. */
export async function service(
  { send }: Connection,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Service> {
  return serviceAnswer(await (await send("service", { signal })).json());
}
