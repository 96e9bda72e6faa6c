import { dirname, join } from "node:path";
import type { Collected } from "./collector.ts";
import { NewFile } from "./new-file.ts";
import { bytesOf, isReadable } from "./printed.ts";
import type { Target } from "./target.ts";

/** What is held and was meant for a file or a folder, as a saved file; the rest as it is. */
export async function saved(collected: Collected, target: Target): Promise<Collected> {
  if (!("held" in collected) || target.kind === "usual" || target.kind === "stdout") return collected;
  const bytes = bytesOf(collected);
  const folder = target.kind === "folder" ? target.path : dirname(target.path);
  const file = await NewFile.in(folder);
  try {
    await file.write(bytes);
    await file.finish();
    if (target.kind === "file" && target.replaced) {
      await file.replace(target.path);
      return { kind: "files", saved: [{ name: "", size: bytes.length, path: target.path }] };
    }
    const path = await file.place(
      target.kind === "file"
        ? target.path
        : join(folder, `${collected.kind}.${isReadable(collected) ? "txt" : "bin"}`),
    );
    return { kind: "files", saved: [{ name: "", size: bytes.length, path }] };
  } catch (error) {
    await file.discard();
    throw error;
  }
}
