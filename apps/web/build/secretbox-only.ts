import { createHash } from "node:crypto";
import type { Plugin } from "vite";

interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

const wanted = "secretbox";

/** SHA-256 of the only file that the test beside this has held against the whole library: tweetnacl 1.0.3. */
const knownFile = "6bcd37a3b20dce913f82d4b23e4e2b661058b4b953df8a3f8c45d56ac4f72447";

/**
 * Tree shaking for tweetnacl, which is one CommonJS function that no bundler can shake: leaves out each of its
 * statements that `nacl.secretbox` does not reach (curves, signatures, hashes, its generator). What stays is untouched,
 * byte by byte. Fails the build for any file but the known one: look, run the test, and then name the new one. Saves two
 * thirds of its weight.
 */
export function secretboxOnly(): Plugin {
  return {
    name: "mayfly:secretbox-only",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("/tweetnacl/nacl-fast.js")) return null;
      if (createHash("sha256").update(code).digest("hex") !== knownFile)
        throw new Error("tweetnacl is another than the one that secretboxOnly was tested with");
      const { body } = this.parse(code) as unknown as { body: Node[] };
      const call = body[0]?.expression as Node | undefined;
      const wrapper = call?.callee as Node | undefined;
      const outer = (wrapper?.type === "ParenthesizedExpression" ? wrapper.expression : wrapper) as
        | Node
        | undefined;
      const statements = (outer?.body as Node | undefined)?.body as Node[] | undefined;
      const target = (call?.arguments as Node[] | undefined)?.[0];
      if (!statements || !target) throw new Error("tweetnacl is not of the form that is known here");
      const kept = reached(statements);
      const dropped = statements.filter((statement) => !kept.has(statement));
      // Its argument is where it puts its exports: an object of ours, so that it becomes a module like any other.
      const shaken = dropped.reduce((text, { start, end }) => blanked(text, start, end), code);
      const rest = `${shaken.slice(0, target.start)}exported${shaken.slice(target.end)}`;
      return { code: `const exported = {};${rest}\nexport default exported;\n`, map: null, moduleType: "js" };
    },
  };
}

function blanked(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end);
}

/** The statements that the wanted export needs, directly or not. */
function reached(statements: Node[]): Set<Node> {
  const kept = new Set(statements.filter((statement) => ownerOf(statement) === `nacl.${wanted}`));
  const queue = [...kept];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const names = identifiersIn(next);
    for (const statement of statements) {
      const gives = [...declaredBy(statement), ownerOf(statement)];
      if (!kept.has(statement) && gives.some((name) => name !== undefined && names.has(name))) {
        kept.add(statement);
        queue.push(statement);
      }
    }
  }
  return kept;
}

/** For `nacl.a.b = …`: "nacl.a". For `other.a = …`: "other". */
function ownerOf(statement: Node): string | undefined {
  const assignment = statement.expression as Node | undefined;
  if (statement.type !== "ExpressionStatement" || assignment?.type !== "AssignmentExpression")
    return undefined;
  const path: string[] = [];
  let target = assignment.left as Node;
  for (; target.type === "MemberExpression"; target = target.object as Node) {
    path.unshift((target.property as Node).name as string);
  }
  return target.name === "nacl" ? `nacl.${path[0]}` : (target.name as string);
}

function declaredBy(statement: Node): string[] {
  if (statement.type === "FunctionDeclaration") return [(statement.id as Node).name as string];
  if (statement.type !== "VariableDeclaration") return [];
  return (statement.declarations as Node[]).map((one) => (one.id as Node).name as string);
}

function identifiersIn(node: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(node)) for (const one of node) identifiersIn(one, found);
  else if (typeof node === "object" && node !== null) {
    if ((node as Node).type === "Identifier") found.add((node as Node).name as string);
    for (const value of Object.values(node)) identifiersIn(value, found);
  }
  return found;
}
