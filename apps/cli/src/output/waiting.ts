import type { ClientErrorCode, Waiting } from "@mayfly/client";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const causes: Partial<Record<ClientErrorCode, string>> = {
  busy: "Too much is on its way at the service.",
  halted: "The service is halted.",
  offline: "The service could not be reached, or its answer was lost.",
  quota_exceeded: "This network has deposited as many bytes as it may for now.",
  rate_limited: "Too many requests came from here.",
  timeout: "The last request did not reach the service in time.",
};

/** What is said between two tries; the time is that of this machine. */
export function waitingFor({ code, until }: Waiting): string {
  const end = until === null ? "until it accepts again" : `until ${clock.format(new Date(until))}`;
  return `${causes[code] ?? "The service cannot do this right now."} Trying again ${end}.`;
}
