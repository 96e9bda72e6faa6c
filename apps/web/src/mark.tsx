/** The mark: a mayfly at rest. One path, so that the icon file and the page draw the same. */
const markPath =
  "M16 10v10M16 20c0 4 0 6 0 10M16 20c-.5 4-2 6.500-5 9M16 20c.5 4 2 6.500 5 9M16 12C12.500 5 7 2.500 3 4.500c-.5 5 5 9 13 9.500M16 12C19.500 5 25 2.500 29 4.500c.5 5-5 9-13 9.500M16 16c-4 0-7 1.500-8.500 4.500 3 1 6.500 0 8.500-2.500M16 16c4 0 7 1.500 8.500 4.500-3 1-6.500 0-8.500-2.500M14.500 8.500a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0";

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d={markPath} />
    </svg>
  );
}
