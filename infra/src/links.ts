/** Checks that documents name existing files and headings, and the one version of pnpm. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { NOT_OURS } from "./workspace.ts";

const documents = (root: string) => globSync("**/*.md", { cwd: root, exclude: NOT_OURS }).sort();

/** One sentence for each relative link to a missing file or heading. Links in code are ignored. */
export function linkFaults(root: string): readonly string[] {
  return documents(root).flatMap((file) =>
    [...prose(join(root, file)).matchAll(/\]\(([^)\s]+)\)|\bsrc="([^"]+)"/g)]
      .map(([, link, source]) => link ?? source ?? "")
      .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(root, file, link))
      .map((link) => `${file}: ${link} leads nowhere`),
  );
}

/** One sentence for each file that names another pnpm than `.ci/run` does. */
export function pnpmFaults(root: string): readonly string[] {
  const used = (file: string) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/\bpnpm@(\d+\.\d+\.\d+)/g)].map(
      ([, version]) => version,
    );
  const [version] = used(".ci/run");
  return [...documents(root), ...globSync(".github/workflows/*.yml", { cwd: root }).sort()]
    .filter((file) => used(file).some((other) => other !== version))
    .map((file) => `${file}: pnpm must be ${version}, as in .ci/run`);
}

function leadsSomewhere(root: string, file: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? join(root, file) : join(root, dirname(file), path);
  if (!existsSync(target)) return false;
  return heading === undefined || !target.endsWith(".md") || anchors(target).includes(heading);
}

/** The anchors that Markdown hosts give to headings. A repeated anchor ends in a number. */
function anchors(path: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

function prose(path: string): string {
  return readFileSync(path, "utf8").replaceAll(/^```[\s\S]*?^```$/gm, "");
}
