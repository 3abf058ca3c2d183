import { UsageError, type Command } from './command.js';
import { verifyFiles } from './verify-files.js';

const text = { type: 'string' } as const;

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'check an export of the audit trail against a signed head, offline',
  help: `Usage: latchkey audit verify --export <path> --checkpoint <path> --key <key or path>

Says whether an export is what a head was signed of, and which line is not. It asks nobody; npx latchkey-verify is the same for auditors.
What it means: docs/audit.md.

  --export      a file of JSON Lines: all entries of a tenant from the first one on, without a filter
  --checkpoint  a file with the signed note
  --key         the key string (name+hash+key), or a file with one or more of them, a line each`,
  options: { export: text, checkpoint: text, key: text },

  run({ export: path, checkpoint, key }) {
    if (typeof path !== 'string' || typeof checkpoint !== 'string' || typeof key !== 'string')
      throw new UsageError('--export, --checkpoint and --key are needed.');
    return verifyFiles(path, checkpoint, key);
  },
};
