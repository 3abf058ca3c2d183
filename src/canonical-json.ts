/**
 * JSON that is the same for equal values, in whatever order their keys were given or stored: https://www.rfc-editor.org/rfc/rfc8785
 * Entries that are not kept count for nothing. A lone surrogate stays the escape that it is, where the RFC would give up: what
 * a log holds must be copied all the same.
 */
export function canonicalJson(value: unknown, isKept: (entry: unknown) => boolean = () => true): string {
  return write(value, isKept) ?? 'null';
}

/** Not by `JSON.stringify` alone: objects have keys that look like numbers in front, whatever the order they were put in. */
function write(value: unknown, isKept: (entry: unknown) => boolean): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} is no number of JSON.`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, isKept) ?? 'null').join(',')}]`;
  if (hasToJson(value)) return write(value.toJSON(), isKept);
  return `{${members(value as Record<string, unknown>, isKept)}}`;
}

function members(value: Readonly<Record<string, unknown>>, isKept: (entry: unknown) => boolean): string {
  let text = '';
  // Sorted by UTF-16 code units, as the RFC wants it.
  for (const key of Object.keys(value).sort()) {
    const entry = value[key];
    const written = isKept(entry) ? write(entry, isKept) : undefined;
    if (written !== undefined) text += `${text && ','}${JSON.stringify(key)}:${written}`;
  }
  return text;
}

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function';
