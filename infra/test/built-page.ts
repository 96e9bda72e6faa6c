/** Before the first file of the end-to-end tests: a page that is missing or old is built, once for all of them. */
import { buildPageWhenStale } from "../src/page.ts";

export default async function setUp(): Promise<void> {
  if (!(await buildPageWhenStale((line) => console.error(line))))
    throw new Error("The page could not be built, and every test of it would fail.");
}
