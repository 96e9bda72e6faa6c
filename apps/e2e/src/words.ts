/** The page's own English sentences, so that the tests know it by what it says, wherever that is written. */
import { broken } from "@mayfly/web/src/words/en/broken.ts";
import { compose } from "@mayfly/web/src/words/en/compose.ts";
import { done } from "@mayfly/web/src/words/en/done.ts";
import { ended } from "@mayfly/web/src/words/en/ended.ts";
import { manage } from "@mayfly/web/src/words/en/manage.ts";
import { open } from "@mayfly/web/src/words/en/open.ts";
import { page } from "@mayfly/web/src/words/en/page.ts";
import { secret } from "@mayfly/web/src/words/en/secret.ts";

export const en = { broken, compose, done, ended, manage, open, page, secret };
