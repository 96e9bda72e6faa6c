/** Sentences for a secret that is gone, in the language in use. */
export { ended as endedWords } from "./en/ended.ts";
