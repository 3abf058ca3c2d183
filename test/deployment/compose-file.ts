import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export type ComposeService = {
  image?: string;
  build?: string;
  environment?: Record<string, string>;
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  ports?: string[];
  healthcheck?: { test: string[] };
  restart?: string;
};

export type ComposeFile = {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
};

/** `!override` is how Compose replaces instead of merging; what it replaces with is read as it stands. */
export const parseCompose = (text: string) =>
  parse(text, {
    merge: true,
    customTags: [{ tag: '!override', collection: 'map', identify: () => false }],
  }) as ComposeFile;

// The schema of the specification (https://github.com/compose-spec/compose-spec, Apache-2.0), as the linter dclint brings it along.
const schema = JSON.parse(readFileSync('node_modules/dclint/schemas/compose.schema.json', 'utf8')) as object;
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile({
  ...schema,
  $schema: 'http://json-schema.org/draft-07/schema#',
});

/** What the Compose specification has against a file. */
export function schemaFaultsOf(file: ComposeFile): string[] {
  if (validate(file)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const VARIABLE = /\$\$|\$\{(\w+)(?::([?-])([^}]*))?\}|\$(\w+)/g;

export type Variable = { name: string; isRequired: boolean; rest: string };

/** The variables of the file, by any spelling; comments are none of it. */
export function variablesIn(text: string): Variable[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  return [...lines.join('\n').matchAll(VARIABLE)]
    .filter(([whole]) => whole !== '$$')
    .map(([, name, operator, rest = '', bare]) => ({ name: name ?? bare ?? '', isRequired: operator === '?', rest }));
}

/** As Compose fills variables in. */
export function interpolate(text: string, values: Record<string, string>): string {
  return text.replaceAll(VARIABLE, (whole, name?: string, operator?: string, rest = '', bare?: string) => {
    if (whole === '$$') return '$';
    const value = values[name ?? bare ?? ''];
    if (value) return value;
    if (operator === '?') throw new Error(`${name}: ${String(rest)}`);
    return operator === '-' ? String(rest) : '';
  });
}

export const environmentOf = ({ environment = {} }: ComposeService, values: Record<string, string>) =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, interpolate(value, values)]));

export const isOneShot = ({ restart }: ComposeService) => restart === 'no';

/** `source:target` or `source:target:ro`. */
export const mountsOf = ({ volumes = [] }: ComposeService) =>
  volumes.map((volume) => {
    const [source = '', target = '', mode = 'rw'] = volume.split(':');
    return { source, target, mode };
  });
