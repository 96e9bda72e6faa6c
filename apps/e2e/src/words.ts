import { english } from "@mayfly/web/src/catalogue/en.ts";
import { formatsIn } from "@mayfly/web/src/catalogue/formats.ts";

/** The page's own English sentences: the tests know the page by them, whatever they are. */
export const en = english(formatsIn(navigator.language));
