/** What a first visit really receives: bodies as sent, counted in Chromium. */
import type { Person } from "./person.ts";

interface Weight {
  /** As the browser names it: "document", "script", "stylesheet", … */
  readonly type: string;
  readonly path: string;
  readonly encoding: string | undefined;
  readonly bytes: number;
}

/** Everything that the page at `address` loads before anybody does anything, except the answers of the API. */
export async function weigh(
  { page }: Person,
  address: string,
  encoding: "br" | "gzip",
): Promise<readonly Weight[]> {
  await page.setExtraHTTPHeaders({ "accept-encoding": encoding });
  const weights: Weight[] = [];
  page.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (path.startsWith("/api/")) return;
    const headers = response.headers();
    weights.push({
      type: response.request().resourceType(),
      path,
      encoding: headers["content-encoding"],
      bytes: Number(headers["content-length"]),
    });
  });
  await page.goto(address, { waitUntil: "networkidle0" });
  return weights;
}

export function sum(weights: readonly Weight[]): number {
  return weights.reduce((total, { bytes }) => total + bytes, 0);
}
