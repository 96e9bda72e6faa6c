/** What seals and deposits: loads once somebody types. */
export { protect } from "@mayfly/client";
