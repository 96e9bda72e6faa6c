/**
 * Lets through what a person does, and nothing that a script does: scanners run scripts that press buttons. A program
 * that drives the whole browser passes for a person.
 */
export function trusted<E extends Event>(act: (event: E) => void): (event: E) => void {
  return (event) => {
    if (event.isTrusted) act(event);
  };
}
