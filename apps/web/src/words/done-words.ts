/** Sentences of the finished link, in the language in use. */
export { done as doneWords } from "./en/done.ts";
