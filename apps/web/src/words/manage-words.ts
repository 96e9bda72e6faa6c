/** Sentences of the manage page, in the language in use. */
export { manage as manageWords } from "./en/manage.ts";
