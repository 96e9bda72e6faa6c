import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isFresh } from "../src/page.ts";
import { planted } from "./planted.ts";

it("builds again after a source was changed, added or removed, and only then", () => {
  const root = planted({
    "apps/web/dist/index.html": "",
    "apps/web/index.html": "",
    "apps/web/src/open/view.tsx": "",
    "apps/web/src/open/gone.ts": "",
    "packages/client/src/client.ts": "",
    "apps/api/src/app.ts": "",
  });
  const age = (file: string, seconds: number) => utimesSync(join(root, file), seconds, seconds);
  const sources = ["apps/web/index.html", "apps/web/src", "apps/web/src/open", "apps/web/src/open/view.tsx"];
  const everything = [
    ...sources,
    "apps/web/src/open/gone.ts",
    "packages/client/src",
    "packages/client/src/client.ts",
  ];
  for (const file of everything) age(file, 1_000);
  age("apps/web/dist/index.html", 2_000);
  expect(isFresh(root)).toBe(true);

  age("apps/web/src/open/view.tsx", 3_000);
  expect(isFresh(root)).toBe(false);
  age("apps/web/src/open/view.tsx", 1_000);

  age("packages/client/src/client.ts", 3_000);
  expect(isFresh(root)).toBe(false);
  age("packages/client/src/client.ts", 1_000);
  expect(isFresh(root)).toBe(true);

  rmSync(join(root, "apps/web/src/open/gone.ts"));
  expect(isFresh(root)).toBe(false);

  rmSync(join(root, "apps/web/dist"), { recursive: true });
  expect(isFresh(root)).toBe(false);
});
