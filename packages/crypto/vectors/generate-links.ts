import { decodeBase64url, encodeBase64url } from "../src/base64url.ts";
import { joinBytes } from "../src/bytes.ts";
import { derive, extractLink, extractManage } from "../src/derivation.ts";
import { encodeLinkCode } from "../src/index.ts";
import { namedBytes, toHex } from "./pieces.ts";
import type { CodeRefusal, CodeVector, PastedVector, Vectors } from "./vector.ts";

const id = namedBytes("id", 16);
const secret = namedBytes("token of plain");

function codeVector(
  name: string,
  kind: "link" | "manage",
  hasPassphrase: boolean,
  bytes = secret,
): CodeVector {
  const code = encodeLinkCode({ kind, hasPassphrase, id, secret: bytes });
  return { name, kind, hasPassphrase, id: toHex(id), secret: toHex(bytes), code };
}

/** A code with any flags, and the checksum of a key that is extracted from its secret. */
function codeWithFlags(flags: number, extract = flags & 2 ? extractManage : extractLink): string {
  const first = Uint8Array.of(flags);
  return encodeBase64url(joinBytes(first, id, secret, derive(extract(secret), "check", 5, first, id)));
}

function refusedCodes(code: string): CodeRefusal[] {
  const swapped = `${code.slice(0, 30)}${code[31]}${code[30]}${code.slice(32)}`;
  const flipped = decodeBase64url(code);
  flipped[53] = (flipped[53] as number) ^ 1;
  return [
    { name: "empty code", code: "", reason: "link_incomplete" },
    { name: "code cut by one", code: code.slice(0, -1), reason: "link_incomplete" },
    { name: "code cut in half", code: code.slice(0, 36), reason: "link_incomplete" },
    { name: "code with one more", code: `${code}A`, reason: "link_damaged" },
    { name: "code twice", code: code + code, reason: "link_damaged" },
    { name: "padding behind", code: `${code}=`, reason: "link_damaged" },
    { name: "padding inside", code: `${code.slice(0, -1)}=`, reason: "link_damaged" },
    { name: "blank inside", code: `${code.slice(0, 20)} ${code.slice(21)}`, reason: "link_damaged" },
    {
      name: "plus of the other alphabet",
      code: `${code.slice(0, 20)}+${code.slice(21)}`,
      reason: "link_damaged",
    },
    {
      name: "letter beyond ASCII",
      code: `${code.slice(0, 20)}\u0435${code.slice(21)}`,
      reason: "link_damaged",
    },
    { name: "two letters swapped", code: swapped, reason: "link_damaged" },
    { name: "small letters only", code: `E${code.slice(1).toLowerCase()}`, reason: "link_damaged" },
    { name: "last bit of the checksum", code: encodeBase64url(flipped), reason: "link_damaged" },
    {
      name: "manage code with the checksum of a token",
      code: codeWithFlags(0x12, extractLink),
      reason: "link_damaged",
    },
    {
      name: "link code with the checksum of a manage seed",
      code: codeWithFlags(0x10, extractManage),
      reason: "link_damaged",
    },
    { name: "version 0", code: codeWithFlags(0x00), reason: "link_version" },
    { name: "version 2", code: codeWithFlags(0x20), reason: "link_version" },
    { name: "version 2, longer", code: `${codeWithFlags(0x20)}AAAA`, reason: "link_version" },
    { name: "version 15", code: codeWithFlags(0xf3), reason: "link_version" },
    { name: "reserved flag 2", code: codeWithFlags(0x14), reason: "link_flags" },
    { name: "reserved flag 3", code: codeWithFlags(0x18), reason: "link_flags" },
    { name: "reserved flag 2 in a manage code", code: codeWithFlags(0x16), reason: "link_flags" },
  ];
}

function pastedLinks(code: string): PastedVector[] {
  const link = `https://example.org/s#${code}`;
  const damaged = `${code.slice(0, 40)}${code[40] === "A" ? "B" : "A"}${code.slice(41)}`;
  const wrapped = `${link.slice(0, 50)}\r\n ${link.slice(50)}`;
  const found = (name: string, pasted: string, repaired = true, sawServer = false): PastedVector => ({
    name,
    pasted,
    code,
    repaired,
    sawServer,
  });
  return [
    found("link", link, false),
    found("link with port and folder", `http://localhost:8080/mayfly/s#${code}`, false),
    found("bare code", code, false),
    found("code behind its mark", `#${code}`, false),
    ...[".", ",", ")", ">", "!", "'", "*", "_", "%20", "&x=1", "?utm=1"].map((tail) =>
      found(`link and ${tail}`, link + tail),
    ),
    found("in angle brackets", `<${link}>`),
    found("in round brackets with a full stop", `(${link}).`),
    found("Markdown", `[open](${link})`),
    found("blanks around", `  ${link}\n`),
    found("wrapped", wrapped),
    found("wrapped, with words behind", `Here it is: ${wrapped}\nBye`),
    found("invisible space inside", `${link.slice(0, 60)}\u200b${link.slice(60)}`),
    found("within a sentence", `Read ${link} today, please.`),
    found("escaped mark", `https://example.org/s%23${code}`, true, true),
    found("escaped mark at the root", `https://example.org/%23${code}`, true, true),
    found("mark escaped twice", `https://example.org/s%2523${code}`, true, true),
    found(
      "gateway's query",
      `https://gateway.example/?url=https%3A%2F%2Fexample.org%2Fs%23${code}&data=05%7C02`,
      true,
      true,
    ),
    found("code in the path", `https://example.org/s/${code}`, true, true),
    found("code in the query", `https://example.org/s?${code}`, true, true),
    { name: "nothing", pasted: "", reason: "link_missing" },
    { name: "words", pasted: "The link is in the other message.", reason: "link_missing" },
    { name: "fragment missing", pasted: "https://example.org/s", reason: "link_missing" },
    { name: "fragment empty", pasted: "https://example.org/s#", reason: "link_missing" },
    {
      name: "UUID in the path",
      pasted: "https://example.org/0b86a1c2-7f0e-4a53-9a3e-0c5f3a1d2b4c",
      reason: "link_missing",
    },
    { name: "link cut", pasted: link.slice(0, -9), reason: "link_incomplete" },
    { name: "link cut near its mark", pasted: "https://example.org/s#EA", reason: "link_incomplete" },
    { name: "bare code cut", pasted: code.slice(0, 60), reason: "link_incomplete" },
    { name: "link damaged", pasted: `https://example.org/s#${damaged}`, reason: "link_damaged" },
    { name: "bare code damaged", pasted: damaged, reason: "link_damaged" },
    {
      name: "link of version 2",
      pasted: `https://example.org/s#${codeWithFlags(0x20)}`,
      reason: "link_version",
    },
    {
      name: "reserved flag in a link",
      pasted: `https://example.org/s#${codeWithFlags(0x14)}`,
      reason: "link_flags",
    },
  ];
}

/** Link codes, good and bad, and what people paste. */
export function generateLinks(): Vectors["links"] {
  const plain = codeVector("link code", "link", false);
  return {
    good: [
      plain,
      codeVector("link code with passphrase", "link", true),
      codeVector("manage code", "manage", false, namedBytes("manage seed")),
      codeVector("manage code with passphrase", "manage", true, namedBytes("manage seed")),
    ],
    refused: refusedCodes(plain.code),
    pasted: pastedLinks(plain.code),
  };
}
