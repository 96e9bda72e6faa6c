import { utf8 } from "../src/bytes.ts";

/** Ends in zeros, as the padding is. */
export const unknownContent = Uint8Array.of(0x6d, 0xff, 0, 0);

const json = (name: string, text: string) => ({ name, meta: utf8(text) });
const file = (name: string, fields: string) => json(name, `{"kind":"files","files":[{${fields}}]}`);
const fileNamed = (name: string, fileName: string) => file(name, `"name":${fileName},"type":"","size":4`);

const fileSized = (name: string, size: string) => file(name, `"name":"a","type":"","size":${size}`);

/** Metas with one fault each, in envelopes whose content is {@link unknownContent}: of an unknown kind, all of them. */
export const unknownMetas: { name: string; meta: Uint8Array }[] = [
  { name: "nothing", meta: utf8("") },
  { name: "not UTF-8", meta: Uint8Array.of(0x7b, 0xff, 0x7d) },
  json("nothing but blanks", "  "),
  json("not JSON", '{"kind":"text"'),
  json("null", "null"),
  json("array", '["text"]'),
  json("number", "7"),
  json("byte order mark", '\ufeff{"kind":"text"}'),
  json("blank", '{"kind": "text"}'),
  json("line end", '{"kind":"text"}\n'),
  json("zero byte behind it", '{"kind":"text"}\0'),
  json("other order", '{"files":[{"name":"a","type":"","size":4}],"kind":"files"}'),
  json("field twice", '{"kind":"text","kind":"text"}'),
  json("unknown field", '{"kind":"text","size":4}'),
  json("prototype", '{"kind":"text","__proto__":{}}'),
  json("letter escaped", '{"kind":"\\u0074ext"}'),
  json("kind missing", "{}"),
  json("kind unknown", '{"kind":"image"}'),
  json("kind that a reader calls what it does not know", '{"kind":"unknown"}'),
  json("kind not a text", '{"kind":["text"]}'),
  json("files for a text", '{"kind":"text","files":[]}'),
  json("files missing", '{"kind":"files"}'),
  json("files empty", '{"kind":"files","files":[]}'),
  json("files null", '{"kind":"files","files":null}'),
  json("files an object", '{"kind":"files","files":{}}'),
  json(
    "files with a size of their own",
    '{"kind":"files","size":4,"files":[{"name":"a","type":"","size":4}]}',
  ),
  json("file null", '{"kind":"files","files":[null]}'),
  file("file name missing", '"type":"","size":4'),
  file("file type missing", '"name":"a","size":4'),
  file("file size missing", '"name":"a","type":""'),
  file("file field unknown", '"name":"a","type":"","size":4,"mode":511'),
  fileSized("file size under the content's", "3"),
  fileSized("file size over the content's", "5"),
  fileSized("file size negative", '-1},{"name":"b","type":"","size":5'),
  fileSized("file size minus zero", '-0},{"name":"b","type":"","size":4'),
  fileSized("file size a fraction", '0.5},{"name":"b","type":"","size":3.5'),
  fileSized("file size with a point", "4.0"),
  fileSized("file size with an exponent", "4e0"),
  fileSized("file size a text", '"4"'),
  fileSized("file size true", "true"),
  fileSized("file size null", "null"),
  fileSized("file size over 2^53 − 1", "9007199254740992"),
  fileSized("file size of digits without end", "9".repeat(150)),
  file(
    "file sizes over 2^53 − 1",
    '"name":"a","type":"","size":9007199254740991},{"name":"b","type":"","size":1',
  ),
  file("file type not ASCII", '"name":"a","type":"\u00e9","size":4'),
  file("file type with a line end", '"name":"a","type":"a\\nb","size":4'),
  file("file type of 128", `"name":"a","type":"${"x".repeat(128)}","size":4`),
  fileNamed("file name a number", "7"),
  fileNamed("file name empty", '""'),
  fileNamed("file name a dot", '"."'),
  fileNamed("file name two dots", '".."'),
  fileNamed("file name a path", '"../a"'),
  fileNamed("file name a path of Windows", '"..\\\\a"'),
  fileNamed("file name with a null", '"a\\u0000"'),
  fileNamed("file name with a line end", '"a\\n"'),
  fileNamed("file name with a control of Latin-1", '"a\u0085"'),
  fileNamed("file name with DEL", '"a\u007f"'),
  fileNamed("file name turned around", '"a\u202etxt.exe"'),
  fileNamed("file name with half a surrogate pair", '"a\\ud83e"'),
];
