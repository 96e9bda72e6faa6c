interface Modules {
  getModuleInfo(id: string): { isEntry: boolean; importers: readonly string[] } | null;
}

// What every address needs with the view that it loads: too small for chunks of their own.
const withEveryView =
  /\/src\/(?:fault|service\/service-watch|parts\/(?:title|trusted|leaving|copying|passphrase-field))\.tsx?$/;

// The verbs, which the packages' indexes import one and all: a view takes its own, and leaves what they share here.
const withOneView =
  /\/(?:client\/src\/(?:protect|envelope-parts|opener|lease|read-requests|status|burn)|crypto\/src\/(?:envelope|sealer|opener))\.ts$/;

const known = new Map<string, boolean>();

/**
 * The chunk of a module that every page loads at once, null for what loads later. Everything that the entry imports
 * statically stands in one chunk: left alone, the bundler cuts it up for sharing, which compresses worse and costs a
 * round trip.
 */
export function firstLoad(id: string, modules: Modules): string | null {
  return !withOneView.test(id) && isFirst(id, modules) ? "page" : null;
}

function isFirst(id: string, modules: Modules): boolean {
  const before = known.get(id);
  if (before !== undefined) return before;
  known.set(id, false);
  const info = modules.getModuleInfo(id);
  const imported = info?.importers.some((importer) => isFirst(importer, modules));
  const first = withEveryView.test(id) || info?.isEntry === true || imported === true;
  known.set(id, first);
  return first;
}
