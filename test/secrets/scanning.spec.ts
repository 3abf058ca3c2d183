import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import {
  clientIdOf,
  identifierOf,
  isWellFormed,
  newSecret,
  SECRET_PATTERN,
  withChecksum,
  type SecretPrefix,
} from '../../src/secrets/format.js';

/** What is published for scanners is held to the secrets that are made. */

type Rule = { id: string; description: string; regex: string; keywords: string[]; entropy: number };

const page = readFileSync('docs/secret-scanning.md', 'utf8');
const config = parse(readFileSync('docs/gitleaks.toml', 'utf8')) as unknown as {
  extend: object;
  rules: Rule[];
};
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);
const prefixes: SecretPrefix[] = ['lk_pat_', 'lk_sec_'];
const ZERO = withChecksum(`lk_pat_${'0'.repeat(43)}`);

/** As gitleaks does it: a keyword in any case first, then the expression, then the entropy of what it found. */
const foundByRule = ({ regex, keywords, entropy }: Rule, text: string) =>
  keywords.some((keyword) => text.toLowerCase().includes(keyword))
    ? [...text.matchAll(new RegExp(regex, 'g'))].map(([found]) => found).filter((found) => entropyOf(found) > entropy)
    : [];
const foundByGitleaks = (text: string) => config.rules.flatMap((rule) => foundByRule(rule, text));
const foundByPattern = (text: string) => text.match(new RegExp(SECRET_PATTERN, 'g')) ?? [];

function entropyOf(text: string): number {
  const counts = [...new Set(text)].map((character) => text.split(character).length - 1);
  return -counts.reduce((sum, count) => sum + (count / text.length) * Math.log2(count / text.length), 0);
}

const places: [string, (secret: string) => string][] = [
  ['alone', (secret) => secret],
  ['in code', (secret) => `const token = '${secret}';`],
  ['in double quotes', (secret) => `client.login("${secret}")`],
  ['in back quotes', (secret) => `run \`login ${secret}\` first`],
  ['in JSON', (secret) => JSON.stringify({ token: secret, next: 1 })],
  ['in JSON within JSON', (secret) => JSON.stringify(JSON.stringify({ token: secret }))],
  ['in YAML', (secret) => `token: ${secret}\nuser: dev\n`],
  ['in an environment file', (secret) => `TOKEN=${secret}\nOTHER=1\n`],
  ['in a header', (secret) => `Authorization: Bearer ${secret}\r\nAccept: */*\r\n`],
  ['in a query', (secret) => `https://api.example.com/?access_token=${secret}&page=2`],
  ['in the user part of a URL', (secret) => `https://dev:${secret}@git.example.com/repository`],
  ['at the end of a URL', (secret) => `see https://api.example.com/${secret}.`],
  ['before an escaped line end', (secret) => `"${secret}\\n"`],
  ['in a diff', (secret) => `+${secret}\n-${secret.slice(0, 20)}\n`],
  ['in brackets', (secret) => `<${secret}>(${secret})`],
];

/** A word character stands right before. */
const tightPlaces: [string, (secret: string) => string][] = [
  ['after an escaped line end', (secret) => JSON.stringify({ log: `refused\n${secret}\n` })],
  ['after an escaped character of a URL', (secret) => `https://example.com/?q=%3D${secret}%22`],
];

describe('the published expression', () => {
  it('is that of the code, on the page as a whole and without its borders', () => {
    expect(blocksOf('')).toContain(`${SECRET_PATTERN.source}\n`);
    expect(page).toContain(`\`${SECRET_PATTERN.source.replaceAll('\\b', '')}\``);
  });

  it.each(tightPlaces)('finds a secret %s', (_place, write) => {
    const secret = newSecret('lk_pat_');
    expect(foundByPattern(write(secret))).toContain(secret);
  });
});

describe('the rules for gitleaks', () => {
  it('come beside those of gitleaks, one for each kind of secret', () => {
    expect(config.extend).toEqual({ useDefault: true });
    expect(config.rules.map(({ keywords }) => keywords)).toEqual(prefixes.map((prefix) => [prefix]));
    expect(new Set(config.rules.map(({ id }) => id)).size).toBe(2);
  });

  it('have expressions that RE2 knows, too', () => {
    // RE2 has no look-around and no back references; named groups are written differently.
    for (const { regex } of config.rules) expect(regex).not.toMatch(/\(\?[=!<]|\\[1-9k]/);
  });

  it('leave out placeholders', () => {
    expect(foundByGitleaks(`lk_pat_${'x'.repeat(49)} ${ZERO}`)).toEqual([]);
  });
});

describe.each(prefixes)('a secret with %s', (prefix) => {
  const secrets = Array.from({ length: 200 }, () => newSecret(prefix));
  const [secret = ''] = secrets;

  it.each(places)('is found %s', (_, put) => {
    for (const each of secrets) {
      expect(new Set(foundByPattern(put(each)))).toEqual(new Set([each]));
      expect(new Set(foundByGitleaks(put(each)))).toEqual(new Set([each]));
    }
  });

  it.each(tightPlaces)('is found by gitleaks %s', (_, put) => {
    for (const each of secrets) expect(foundByGitleaks(put(each))).toEqual([each]);
  });

  it('is found by one rule only, far above its entropy', () => {
    for (const each of secrets) {
      expect(config.rules.filter((rule) => foundByRule(rule, each).length > 0)).toHaveLength(1);
      expect(entropyOf(each)).toBeGreaterThan(4.2);
    }
  });

  it.each([
    ['one character more', `${secret}0`],
    ['one character less', secret.slice(0, -1)],
    ['one less in the middle', secret.slice(0, 20) + secret.slice(21)],
    ['another character within', `${secret.slice(0, 20)}-${secret.slice(21)}`],
    ['another prefix', secret.replace(prefix, 'lk_tok_')],
    ['half a prefix', secret.replace('lk_', '')],
    ['a prefix with hyphens', secret.replace(prefix, prefix.replaceAll('_', '-'))],
    ['a prefix in capitals', secret.replace(prefix, prefix.toUpperCase())],
  ])('is not found with %s', (_, text) => {
    for (const [, put] of [...places, ...tightPlaces]) {
      expect(foundByPattern(put(text))).toEqual([]);
      expect(foundByGitleaks(put(text))).toEqual([]);
    }
  });
});

describe('public names', () => {
  it.each([
    ['client ids', clientIdOf],
    ['identifiers of tokens', identifierOf],
  ])('such as %s are not found', (_, nameOf) => {
    const name = nameOf('5b8c7c1e-6d0c-4d52-9f5e-0f6a0b7f3f11');
    for (const [, put] of [...places, ...tightPlaces]) {
      expect(foundByPattern(put(name))).toEqual([]);
      expect(foundByGitleaks(put(name))).toEqual([]);
    }
  });
});

describe('the page', () => {
  it('has vectors that are right, and no secret that could be somebody’s', () => {
    const vectors = [...page.matchAll(/^\| `(lk_\w+_)` \| `(\w{43})` \| `(\w{6})` \|$/gm)];
    expect(vectors).toHaveLength(3);
    for (const [, prefix = '', body = '', checksum = ''] of vectors)
      expect(withChecksum(prefix + body)).toBe(prefix + body + checksum);
    expect(foundByPattern(page)).toEqual([]);
  });

  describe('in its code', () => {
    let isLatchkeySecret: (text: string) => boolean;
    beforeAll(async () => {
      const [code = '', ...more] = blocksOf('js');
      expect(more).toEqual([]);
      ({ isLatchkeySecret } = await import(`data:text/javascript,${encodeURIComponent(code)}`));
    });

    /** One `expect` for all: thousands of them take seconds. */
    const told = (texts: string[], check: (text: string) => boolean) => texts.filter(check);
    const isOurs = (text: string) => prefixes.some((prefix) => isWellFormed(text, prefix));

    it('takes every secret for one', () => {
      const secrets = [ZERO, ...Array.from({ length: 2_000 }, (_, index) => newSecret(prefixes[index % 2]!))];
      expect(told(secrets, isLatchkeySecret)).toEqual(secrets);
    });

    it('takes nothing that is nearly one for one, as the service does', () => {
      const near = prefixes.flatMap((prefix) => {
        const secret = newSecret(prefix);
        const changed = [...secret].flatMap((_, at) =>
          [...'09AZaz_-\n'].map((character) => secret.slice(0, at) + character + secret.slice(at + 1)),
        );
        const swapped = secret.replace(prefix, prefix === 'lk_pat_' ? 'lk_sec_' : 'lk_pat_');
        const around = [`${secret}\n`, ` ${secret}`, `${secret}0`, secret.slice(0, -1), secret.slice(1)];
        const resized = [withChecksum(secret), withChecksum(secret.slice(0, -7))];
        const all = [
          ...changed,
          ...around,
          ...resized,
          swapped,
          secret.toLowerCase(),
          secret.toUpperCase(),
          prefix,
          '',
        ];
        return all.filter((text) => text !== secret);
      });
      expect(told(near, isLatchkeySecret)).toEqual([]);
      expect(told(near, isOurs)).toEqual([]);
    });
  });
});
