interface Modules {
  getModuleInfo(id: string): { isEntry: boolean; importers: readonly string[] } | null;
}

const known = new Map<string, boolean>();

/**
 * The chunk of a module that every page loads at once, null for what loads later. Everything that the entry imports
 * statically stands in one chunk: left alone, the bundler cuts it up for sharing, which compresses worse and costs a
 * round trip.
 */
export function firstLoad(id: string, modules: Modules): string | null {
  return isFirst(id, modules) ? "page" : null;
}

function isFirst(id: string, modules: Modules): boolean {
  const before = known.get(id);
  if (before !== undefined) return before;
  known.set(id, false);
  const info = modules.getModuleInfo(id);
  const first =
    info !== null && (info.isEntry || info.importers.some((importer) => isFirst(importer, modules)));
  known.set(id, first);
  return first;
}
