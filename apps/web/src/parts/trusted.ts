/**
 * Calls `act` only for events of a real input device: link scanners run scripts that press buttons. A program that
 * drives the whole browser still passes for a person.
 */
export function trusted<E extends Event>(act: (event: E) => void): (event: E) => void {
  return (event) => {
    if (event.isTrusted) act(event);
  };
}
