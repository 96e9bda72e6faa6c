import type { Plugin } from "vite";

interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/**
 * Leaves out what `@noble/hashes` says in its errors: they tell a programmer of a wrong argument, and no argument of this
 * page is. The checks stay, and throw the same classes.
 */
export function muteErrors(): Plugin {
  return {
    name: "mayfly:mute-errors",
    apply: "build",
    transform(code, id) {
      if (!/\/@noble\/hashes\/.*\.js$/.test(id)) return null;
      const muted = messagesIn(this.parse(code) as unknown as Node).reduce(
        (text, { start, end }) => text.slice(0, start) + " ".repeat(end - start) + text.slice(end),
        code,
      );
      return { code: muted, map: null };
    },
  };
}

/** The arguments of every `new …Error(…)` below this node. */
function messagesIn(node: Node): Node[] {
  const callee = node.callee as Node | undefined;
  if (node.type === "NewExpression" && /Error$/.test(String(callee?.name))) return node.arguments as Node[];
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof (value as Node | null)?.type === "string")
    .flatMap(messagesIn);
}
