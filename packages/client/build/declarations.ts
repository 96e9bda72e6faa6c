/**
 * The statements of the package's `index.d.ts`. TypeScript 7 has no stable interface for programs yet, so they are read
 * from the text: each statement begins at the margin, its documentation before it.
 */

/** One statement of the declarations. */
export interface Declaration {
  readonly name: string;
  /** Its documentation, as a comment; "" where there is none. */
  readonly comment: string;
  /** The statement, beginning with `interface`, `type`, `declare function`, …, without `export`. */
  readonly statement: string;
  readonly exported: boolean;
}

const head = /^(?:export )?((?:declare )?(?:interface|type|(?:abstract )?class|function|const) ([\w$]+))/;

/** Every declaration of the file, in its order; what else stands in it is left out. */
export function declarationsIn(text: string): Declaration[] {
  const list = /^export type \{([^}]*)\};$/m.exec(text)?.[1] ?? "";
  const exported = new Set(list.split(",").map((name) => name.trim()));
  const found: Declaration[] = [];
  let comment = "";
  // A statement goes on until something else begins at the margin.
  for (const [block] of text.matchAll(/^\S.*(?:\n(?:[ \t}\])|].*|\*\/)?(?=\n|$))*/gm)) {
    if (block.startsWith("/*")) {
      comment = block.trim();
      continue;
    }
    const [, , name] = head.exec(block) ?? [];
    if (name !== undefined) {
      const statement = block.trim().replace(/^export /, "");
      found.push({ name, comment, statement, exported: block.startsWith("export ") || exported.has(name) });
    }
    comment = "";
  }
  return found;
}
