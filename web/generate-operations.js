// Types of the page's GraphQL operations, made from schema.gql. With `--check` it only tells whether they are up to date.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';

const root = join(import.meta.dirname, 'src');
const target = join(root, 'graphql', 'operations.generated.ts');

const config = {
  documentMode: 'string',
  enumType: 'string-literal',
  scalars: { ID: 'string', DateTime: 'string', Duration: 'string', JSON: 'Record<string, unknown>' },
  skipTypename: true,
  useTypeImports: true,
};

async function generate() {
  const schema = await readFile(join(import.meta.dirname, '..', 'schema.gql'), 'utf8');
  return codegen({
    schema: parse(schema),
    schemaAst: buildSchema(schema),
    documents: await readDocuments(),
    filename: target,
    plugins: [{ operations: {} }, { typedDocuments: {} }],
    pluginMap: { operations, typedDocuments },
    config,
  });
}

async function readDocuments() {
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(
    names.map(async (location) => ({ location, document: parse(await readFile(join(root, location), 'utf8')) })),
  );
}

const generated = `// Made by \`npm run operations\`. \`npm run check\` fails when it is out of date.\n${await generate()}\n`;
if (process.argv.includes('--check')) {
  if ((await readFile(target, 'utf8').catch(() => '')) === generated) process.exit(0);
  console.error('web/src/graphql/operations.generated.ts is out of date. Run: npm run operations');
  process.exit(1);
}
await writeFile(target, generated);
