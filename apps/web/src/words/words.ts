/**
 * The catalogue in use: one folder per language, one file per chunk of the page, so that sentences load with the views
 * that say them. English is the only language yet; another has the same files, of the same shapes, and its direction.
 */
export { page as words } from "./en/page.ts";
