import { isPersonTrue, leafHashOfLine, type ExportedEntry } from './exported-entry.js';

const FIELDS = {
  index: 'number',
  leafHash: 'string',
  id: 'string',
  at: 'string',
  action: 'string',
  targetType: 'string?',
  targetId: 'string?',
  targetName: 'string?',
  reason: 'string?',
  correlationId: 'string',
  details: 'object',
  actor: 'object',
  ip: 'string?',
  userAgent: 'string?',
  position: 'string',
  personal: 'string',
  salt: 'string?',
} as const satisfies Record<keyof ExportedEntry, string>;

const ACTOR_FIELDS = { kind: 'string', id: 'string', name: 'string?' };

/** The leaf hash of a line that must be the entry of this index. Throws a sentence, without its subject, that says what is wrong. */
export function checkLine(text: string, index: number): Buffer {
  const line = parse(text);
  if (line.index !== index) throw new Error(displacement(line, index));
  if (!isPersonTrue(line))
    throw new Error(`does not tell of its actor what its evidence has of them: the entry ${line.id} was changed.`);
  const leafHash = leafHashOfLine(line);
  if (leafHash.toString('base64') !== line.leafHash)
    throw new Error(`does not fit its leafHash: the entry ${line.id}, or the hash, was changed.`);
  return leafHash;
}

function parse(text: string): ExportedEntry & { index: number } {
  const value = parseJson(text);
  if (!isObject(value)) throw new Error('is no entry.');
  if (value['index'] === null) throw new Error('has no index: the evidence was being built. Export again.');
  requireFields(value, FIELDS, '');
  requireFields(value['actor'] as Record<string, unknown>, ACTOR_FIELDS, 'actor.');
  const salt = value['salt'] as string | null;
  if (salt !== null && Buffer.from(salt, 'base64').toString('base64') !== salt)
    throw new Error('has a salt that is no base64.');
  // A name that stands there twice, for example: readers would see one value, and the hash another.
  if (JSON.stringify(value) !== text) throw new Error('is not written as it was exported.');
  return value as ExportedEntry & { index: number };
}

function requireFields(value: Record<string, unknown>, fields: Readonly<Record<string, string>>, prefix: string): void {
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) throw new Error(`has a field that nothing vouches for: ${prefix}${unknown}.`);
  const bad = Object.entries(fields).find(([name, type]) => !isOf(type, value[name]));
  if (bad) throw new Error(`lacks ${prefix}${bad[0]}, or has it in another form.`);
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'number') return Number.isSafeInteger(value);
  return typeof value === 'string' || (type === 'string?' && value === null);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function displacement({ index, id }: { index: number; id: string }, expected: number): string {
  if (index > expected)
    return `has index ${index} where ${expected} should be (entry ${id}): entries are missing, or in another order. An export with a filter cannot be verified as a whole.`;
  return `has index ${index} where ${expected} should be (entry ${id}): an entry was put in, repeated, or moved.`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is no JSON.');
  }
}
