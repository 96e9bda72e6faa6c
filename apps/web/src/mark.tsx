/** The mark: a mayfly at rest. One path, so that the icon file and the page draw the same. */
export const markPath =
  "M8 15c4-1 9-2 14-1M14 13.500C10 10 10 5 12 2c4 2 7 6 6.500 11.200M18.500 13c0-4 2-7 5-8 1.500 3 .5 6.500-2.500 9M8 15C5 18 4 22 3 29M8 15c-1 4 0 9 2 14M8 15C7 19 6 24 6.500 30M22 14l3-2M22 14l3 2";

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d={markPath} />
    </svg>
  );
}
