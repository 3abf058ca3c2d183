import formats from 'ajv-formats';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';

type Written = { type: string; data: object; metadata: { schemaVersion: number; person?: unknown } };

const page = readFileSync('docs/events.md', 'utf8');

type Schema = AnySchemaObject & { $id: string };

/** The schemas of docs/events.md, as anybody would take them from the page. */
const pages = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => JSON.parse(text ?? '') as Schema);
const inside = ({ $defs = {} }: Schema) => Object.values($defs as Record<string, Schema>).filter(({ $id }) => $id);

/** With those that stand together in one. */
export const schemas = pages.flatMap((each) => (inside(each).length > 0 ? inside(each) : [each]));

export const schemaIdOf = (type: string, version: number) => `urn:latchkey:${type}:${version}`;

const ajv = new Ajv2020({ schemas: pages, allowUnionTypes: true });
formats.default(ajv);

/** What the page says against an event; nothing when it is as documented. */
export function faultsOf({ type, data, metadata }: Written): string[] {
  return [
    ...faultsUnder(schemaIdOf(type, metadata.schemaVersion), data),
    ...faultsUnder(metadata.person === undefined ? 'urn:latchkey:metadata' : 'urn:latchkey:metadata-sealed', metadata),
  ];
}

function faultsUnder(id: string, value: object): string[] {
  const validate = ajv.getSchema(id);
  if (!validate) return [`${id} is not documented`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${id}: ${instancePath} ${message}`);
}

const parts: Record<string, string> = {
  '<uuid>': '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '<tenant>': '[^\\s/]{1,100}',
  '<day>': '\\d{4}-\\d{2}-\\d{2}',
};

/** The names of streams, as the page lists them. */
export const streamNames = [...page.matchAll(/^\| `(latchkey\.[^`]+)`/gm)].map(
  ([, name = '']) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll(/<\w+>/g, (part) => parts[part] ?? part)}$`),
);

/** What EventStoreDB's `$by_category` makes of a name: it splits at the first `-`. */
export const categoryOf = (stream: string) => stream.slice(0, stream.indexOf('-'));
