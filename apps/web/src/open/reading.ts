/** What opens: loads with the press, before anything is asked of the service. */
export { createSecretOpener } from "@mayfly/client";
