import { duration } from '../config.js';
import { changeKeyRingFile, readKeyRing } from '../secrets/key-ring-file.js';
import { generateKeyRing, PARTS, type KeyRing, type Part, type PlainPart } from '../secrets/key-ring.js';
import { stateOf, stateOfSigningKey } from '../secrets/key-use.js';
import { rotateKeys } from '../secrets/rotate-keys.js';
import { UsageError, type Command } from './command.js';
import { keyRingPlace, withKeyRing } from './key-ring-place.js';
import { table } from './table.js';

const file = `  --file  the file of the ring (what KEY_RING names, else key-ring.json in DATA_DIR)`;

export const keysNew: Command = {
  name: 'keys new',
  summary: 'print a new key ring for KEY_RING',
  help: `Usage: latchkey keys new > key-ring.json

Prints a key ring with a key of each kind. Keep it like a password store.`,
  options: {},

  async run() {
    const ring = await generateKeyRing();
    return { text: ring, json: JSON.parse(ring) as unknown };
  },
};

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'put new keys into a key ring',
  help: `Usage: latchkey keys rotate [sign] [pepper] [vault] [evidence] [--file <path>] [--lead <duration>]

Puts new keys into the parts that are named, into all without a name, and prints the list of all keys. A new key is used once the lead has
passed, so that every instance has the ring by then; where there was no key, at once. The others stay, but for signing keys that have retired.

${file}
  --lead  how long until the new keys are used, as an ISO 8601 duration (PT1H)`,
  options: { file: { type: 'string' }, lead: { type: 'string', default: 'PT1H' } },
  words: PARTS,

  async run(options, words) {
    const place = keyRingPlace(options);
    const lead = duration(0).safeParse(options['lead']);
    if (!lead.success) throw new UsageError(`--lead ${lead.error.issues[0]?.message}.`);

    const now = new Date();
    const parts = words.length > 0 ? (words as Part[]) : PARTS;
    const usedFrom = new Date(now.getTime() + lead.data);
    await withKeyRing(place, () => changeKeyRingFile(place.path, (text) => rotateKeys(text, parts, usedFrom, now)));
    return keysList.run(options, []);
  },
};

export const keysList: Command = {
  name: 'keys list',
  summary: 'list what is in a key ring, without the keys themselves',
  help: `Usage: latchkey keys list [--file <path>]

Lists the keys of a ring by their names: which of them is used for what is new, which are to come, kept for what is older, or retired.

${file}`,
  options: { file: { type: 'string' } },

  async run(options) {
    const place = keyRingPlace(options);
    const keys = rowsOf(await withKeyRing(place, () => readKeyRing(place.path)), new Date());
    const cells = keys.map(({ part, id, alg, state, usedFrom }) => [part, id, alg ?? '-', state, usedFrom ?? 'always']);
    return { text: table([['PART', 'ID', 'ALG', 'STATE', 'USED FROM'], ...cells]), json: keys };
  },
};

function rowsOf(ring: KeyRing, now: Date) {
  const keys = (part: PlainPart) =>
    ring[part].map((key) => ({
      part,
      id: key.id,
      alg: null,
      state: stateOf(key, ring[part], now),
      usedFrom: from(key),
    }));
  const signingKeys = ring.sign.map((key) => {
    const state = stateOfSigningKey(key, ring.sign, now);
    return { part: 'sign', id: key.id, alg: key.alg, state, usedFrom: from(key) };
  });
  return [...keys('pepper'), ...keys('vault'), ...keys('evidence'), ...signingKeys];
}

const from = ({ usedFrom }: { usedFrom: Date | null }) => usedFrom?.toISOString() ?? null;
