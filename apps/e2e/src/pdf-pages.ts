import { inflateSync } from "node:zlib";

/** How many pages a PDF has, whether its objects stand plain or packed in streams. */
export function pagesOf(pdf: Uint8Array): number {
  const plain = Buffer.from(pdf).toString("latin1");
  const packed = [...plain.matchAll(/\/ObjStm\b[\s\S]*?stream\r?\n([\s\S]*?)endstream/g)].map(([, bytes]) =>
    inflateSync(Buffer.from(bytes as string, "latin1")).toString("latin1"),
  );
  return [plain, ...packed].join("\n").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}
