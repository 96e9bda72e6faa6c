/** Sentences around an opened secret, in the language in use. */
export { secret as secretWords } from "./en/secret.ts";
