/** Sentences for a link that is not whole, in the language in use. */
export { broken as brokenWords } from "./en/broken.ts";
