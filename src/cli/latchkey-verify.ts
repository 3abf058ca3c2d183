#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { UsageError } from './command.js';
import { verifyFiles } from './verify-files.js';

// For auditors, on their own machine: it needs nothing but Node and what it is given, and asks nobody.

const HELP = `Usage: latchkey-verify <export> <checkpoint> <key> [--json]

Says whether an export of an audit trail is what was signed, offline. What it means: docs/audit.md.

  export      a file of JSON Lines: all entries of a tenant from the first one on, without a filter
  checkpoint  a file with the signed note
  key         the key string (name+hash+key), or a file with one or more of them, a line each
  --json      print the result as JSON

Exit codes: 0 verified, 1 not, 2 asked wrongly.`;

const options = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  if (values.help) return console.log(HELP);
  const [path, notePath, key, ...more] = positionals;
  if (path === undefined || notePath === undefined || key === undefined || more.length > 0) throw new UsageError(HELP);
  const { text, json } = await verifyFiles(path, notePath, key);
  console.log(values.json ? JSON.stringify(json, null, 2) : text);
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch {
    throw new UsageError(HELP);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
