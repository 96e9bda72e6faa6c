import type { Opened } from "@mayfly/client";
import { type Bytes, decodeFields, decodeText } from "@mayfly/crypto";

/** What a person gets of a secret, by how it is shown. */
export type Content =
  | { kind: "text"; text: string; bytes: Bytes }
  | { kind: "fields"; fields: Record<string, string> }
  | { kind: "files"; files: { name: string; bytes: Bytes }[] }
  /** Its kind is unknown, or it is not what its kind says. It verified all the same, and can be saved as it is. */
  | { kind: "unreadable"; bytes: Bytes };

/** Reads a secret as its kind wants it; never throws. */
export function contentOf({ meta, content: bytes }: Opened["secret"]): Content {
  if (meta.kind === "unknown") return { kind: "unreadable", bytes };
  try {
    if (meta.kind === "text") return { kind: "text", text: decodeText(bytes), bytes };
    if (meta.kind !== "files") return { kind: "fields", fields: decodeFields(bytes) };
  } catch {
    return { kind: "unreadable", bytes };
  }
  let at = 0;
  const files = (meta.files ?? []).map(({ name, size }) => {
    at += size;
    return { name, bytes: bytes.subarray(at - size, at) };
  });
  return { kind: "files", files };
}
