/** Sentences of the sender's page, in the language in use. */
export { compose as composeWords } from "./en/compose.ts";
