import { type Variable, variables } from "./variables.ts";

/** The operator's table of all variables, as Markdown. infra/ holds it, and a check holds it equal. */
export function configurationTable(): string {
  const rows = Object.entries<Variable<unknown>>(variables).map(([name, variable]) => {
    const names = variable.secret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``;
    const fallback = variable.fallback ? `\`${variable.fallback}\`` : "–";
    return `| ${names} | ${fallback} | ${variable.doc} |`;
  });
  return ["| variable | default | meaning |", "|---|---|---|", ...rows, ""].join("\n");
}
