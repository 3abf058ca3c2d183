#!/usr/bin/env node
import { open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { linesOf } from '../audit/evidence/lines.js';
import { parseVerifierKey, type VerifierKey } from '../audit/evidence/signed-note.js';
import { told, verifyExport } from '../audit/evidence/verify-export.js';

// For auditors, on their own machine: it needs nothing but Node and what it is given, and asks nobody.

const HELP = `Usage: latchkey-verify <export> <checkpoint> <key>

Says whether an export of an audit trail is what was signed, offline. What it means: docs/audit.md.

  export      a file of JSON Lines: all entries of a tenant from the first one on, without a filter
  checkpoint  a file with the signed note
  key         the key string (name+hash+key), or a file with one or more of them, a line each

Exit codes: 0 verified, 1 not, 2 asked wrongly.`;

const KEY = /^[^\s+]+\+[0-9a-f]{8}\+/u;

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  if (values.help) return console.log(HELP);
  const [path, notePath, keyText, ...more] = positionals;
  if (path === undefined || notePath === undefined || keyText === undefined || more.length > 0)
    throw new UsageError(HELP);

  const keys = await keysIn(keyText);
  const note = await usable(readFile(notePath, 'utf8'));
  const file = await usable(open(path));
  const { checkpoint, uncovered } = await verifyExport(linesOf(file.createReadStream()), note, keys);
  console.log(`verified: ${told(checkpoint.size)}, root ${checkpoint.rootHash.toString('base64')}`);
  if (uncovered > 0) console.log(`not covered by this checkpoint yet: ${told(uncovered)}`);
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  } catch {
    throw new UsageError(HELP);
  }
}

async function keysIn(given: string): Promise<VerifierKey[]> {
  const text = KEY.test(given) ? given : await usable(readFile(given, 'utf8'));
  try {
    return text
      .split('\n')
      .filter((line) => line.trim())
      .map((line) => parseVerifierKey(line.trim()));
  } catch (error) {
    throw new UsageError(`The key cannot be used. ${(error as Error).message}`, { cause: error });
  }
}

/** A file that cannot be opened was named wrongly. */
async function usable<Opened>(opening: Promise<Opened>): Promise<Opened> {
  return opening.catch((error: unknown) => {
    throw new UsageError((error as Error).message, { cause: error });
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
