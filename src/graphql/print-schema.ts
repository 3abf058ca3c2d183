import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { readFile, writeFile } from 'node:fs/promises';
import { doors } from '../root.module.js';

const FILE = 'schema.gql';
const HEADING = '# Made from the code by `npm run schema`. `npm run check` fails when it is out of date.\n\n';

/** Writes the schema of the code to `schema.gql`, or with `--check` fails when the file says something else. */
async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: ['error'] });
  const schema = await app.get(GraphQLSchemaFactory).create(doors, { skipCheck: true });
  await app.close();
  const text = `${HEADING}${printSchema(lexicographicSortSchema(schema))}\n`;
  if (!process.argv.includes('--check')) return writeFile(FILE, text);

  const committed = await readFile(FILE, 'utf8').catch(() => '');
  if (committed === text) return;
  console.error(`${FILE} is out of date: run npm run schema.`);
  process.exitCode = 1;
}

await main();
