/** The reference of the library: every export with its signature and its documentation, and the table of errors. */
import { errorTable } from "../src/index.ts";
import { declarationFile } from "./bundle.ts";
import { type Declaration, declarationsIn } from "./declarations.ts";

/** Where each export stands. One that stands nowhere, or twice, is a fault. */
const sections: Readonly<Record<string, readonly string[]>> = {
  "A client": ["createClient", "Client", "ClientSettings"],
  Protecting: ["ProtectOptions", "ProtectProgress", "Protected", "Links"],
  "What is protected": [
    ...["textSecret", "filesSecret", "FileSource", "fieldsSecret"],
    ...["envelopeLength", "SecretSource", "ContentStream", "Secret", "SecretMeta", "FileMeta", "Bytes"],
  ],
  Opening: ["SecretOpener", "OpenOptions", "OpenProgress", "Waiting", "Opened", "Read", "Sink"],
  "What was opened": ["OpenedSecret", "OpenedMeta", "textOf", "filesOf", "OpenedFile", "fieldsOf"],
  "A secret's state, and the service's": ["Status", "State", "EndState", "Service"],
  "Links and passphrases": [
    ...["LinkLike", "readLink", "PastedLink", "linkOrigin", "LinkCode", "LinkKind"],
    ...["checkPassphrase", "StretchPassphrase"],
  ],
  Errors: [
    ...["errorCode", "errorTable", "ErrorCode", "ErrorEntry", "ClientError", "ClientErrorCode"],
    ...["ServiceErrorCode", "ClientErrorDetails", "FieldFault", "CryptoError", "CryptoReason"],
  ],
  "The verbs one by one": [
    ...["connect", "Connection", "ConnectionSettings"],
    ...["protect", "createSecretOpener", "status", "burn", "service"],
  ],
};

/** The whole document. Throws for an export without a place or without documentation, and for a place without an export. */
export async function reference(): Promise<string> {
  const exported = new Map(
    declarationsIn(await declarationFile())
      .filter((each) => each.exported)
      .map((each) => [each.name, each]),
  );
  const entry = (name: string): string => {
    const declaration = exported.get(name);
    if (!declaration) throw new Error(`the reference has a place for ${name}, which is not exported`);
    exported.delete(name);
    return entryOf(declaration);
  };
  const body = Object.entries(sections).map(
    ([title, names]) =>
      `## ${title}\n\n${title === "Errors" ? `${errors()}\n\n` : ""}${names.map(entry).join("\n\n")}`,
  );
  if (exported.size > 0) throw new Error(`the reference has no place for ${[...exported.keys()].join(", ")}`);
  return `# Reference of @mayfly/client

Written by \`node build/write-reference.ts\` from the declarations of the code. [The README](../README.md) has examples.

${contents()}

${body.join("\n\n")}
`;
}

function contents(): string {
  return Object.entries(sections)
    .map(([title, names]) => `- ${linked(title, title)}: ${names.map((name) => linked(name)).join(", ")}`)
    .join("\n");
}

function linked(heading: string, shown = `\`${heading}\``): string {
  const anchor = anchors.get(heading);
  return anchor === undefined ? shown : `[${shown}](#${anchor})`;
}

// As GitHub and others make them of headings: of two that differ in case only, the later one is numbered.
const anchors = new Map<string, string>();
for (const [title, names] of Object.entries(sections)) {
  for (const heading of [title, ...names]) {
    const plain = heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/\s+/g, "-");
    const before = [...anchors.values()].filter((each) => each.replace(/-\d+$/, "") === plain).length;
    anchors.set(heading, before === 0 ? plain : `${plain}-${before}`);
  }
}

function entryOf({ name, comment, statement }: Declaration): string {
  if (comment === "") throw new Error(`${name} has no documentation`);
  const code = statement.replace(/^declare /, "");

  return `### ${name}\n\n${proseOf(comment)}\n\n\`\`\`ts\n${code.replaceAll(/\{@link (\w+)\}/g, "$1")}\n\`\`\``;
}

/** A comment as a paragraph, its lines joined. */
function proseOf(comment: string): string {
  return comment
    .replace(/^\/\*\*\s*(?:\* )?|\s*\*\/$/g, "")
    .replace(/\n\s*\* ?/g, " ")
    .replace(/\{@link (\w+)\}/g, (_all, name: string) => linked(name))
    .trim();
}

function errors(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { meaning, advice }]) => `| \`${code}\` | ${meaning} | ${advice} |`,
  );
  return ["| code | what it means | what to do |", "| --- | --- | --- |", ...rows].join("\n");
}
