/** Sentences of the recipient's page, in the language in use. */
export { open as openWords } from "./en/open.ts";
