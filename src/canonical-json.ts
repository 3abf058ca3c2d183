/** JSON that is the same for equal values, in whatever order their keys were given or stored. Entries that are not kept count for nothing. */
export function canonicalJson(value: unknown, isKept: (entry: unknown) => boolean = () => true): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, entry]) => isKept(entry));
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
