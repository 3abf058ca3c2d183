import { rm } from 'node:fs/promises';
import { UsageError, type Command } from './command.js';
import { exportFile } from './export-file.js';
import { answerOf, SERVICE_HELP, SERVICE_OPTIONS, serviceIn, type RunningService } from './running-service.js';
import { positionIn, wholeLines } from './whole-lines.js';

const FORMATS = ['jsonl', 'csv'];
const text = { type: 'string' } as const;

/** Options that are parameters of the address as well. */
const filters = {
  'actor-id': 'actorId',
  action: 'action',
  'target-type': 'targetType',
  'target-id': 'targetId',
  from: 'from',
  to: 'to',
  text: 'text',
} as const;

export const auditExport: Command = {
  name: 'audit export',
  summary: 'save the audit trail as JSON Lines or CSV',
  help: `Usage: latchkey audit export --url <address> --token-file <path> --format jsonl|csv [options]

Saves the audit trail of the tenant of an administrator or auditor, oldest first. It ends with 0 only when it is complete.
What broke off ends in a whole line, and --after goes on behind it; --resume finds out by itself where a file ended,
and cuts off what is not a whole line.

${SERVICE_HELP}
  --format       jsonl or csv
  --output       a new file; standard output without it
  --after        the position behind which it begins
  --resume       goes on at the end of the file that --output names
  --actor-id, --action (any number), --target-type, --target-id, --from, --to, --text
                 only what the audit trail shows under these filters`,
  options: {
    ...SERVICE_OPTIONS,
    format: text,
    output: text,
    after: text,
    resume: { type: 'boolean' },
    'actor-id': text,
    action: { type: 'string', multiple: true },
    'target-type': text,
    'target-id': text,
    from: text,
    to: text,
    text,
  },

  async run(given) {
    const { service, address, format, output, isResumed } = await checked(given);
    const file = await exportFile(output, isResumed, format);
    const after = file.after ?? given['after'];
    if (typeof after === 'string') address.searchParams.set('after', after);

    let position: string | null = null;
    try {
      const { body } = await answerOf(service, address);
      if (!body) throw new Error('It did not answer.');
      for await (const lines of wholeLines(body)) {
        await file.write(lines);
        position = positionIn(lines, format) ?? position;
      }
    } catch (error) {
      if (output !== null && !isResumed && position === null) await rm(output);
      throw new Error(brokenOff(error, position), { cause: error });
    } finally {
      await file.close();
    }
    return null;
  },
};

type Checked = { service: RunningService; address: URL; format: string; output: string | null; isResumed: boolean };

async function checked(given: Readonly<Record<string, unknown>>): Promise<Checked> {
  const service = await serviceIn(given);
  if (given['format'] === undefined) throw new UsageError('--format is missing.');
  const format = given['format'] as string;
  if (!FORMATS.includes(format)) throw new UsageError(`--format must be one of ${FORMATS.join(', ')}.`);
  const output = typeof given['output'] === 'string' ? given['output'] : null;
  const isResumed = given['resume'] === true;
  if (isResumed && (output === null || given['after'] !== undefined))
    throw new UsageError('--resume goes with --output, and without --after.');
  return { service, address: addressOf(service, given, format), format, output, isResumed };
}

function addressOf({ url }: RunningService, given: Readonly<Record<string, unknown>>, format: string): URL {
  const address = new URL(`${url}/audit/export`);
  address.searchParams.set('format', format);
  for (const [option, parameter] of Object.entries(filters))
    for (const value of [given[option] ?? []].flat())
      if (typeof value === 'string') address.searchParams.append(parameter, value);
  return address;
}

/** `terminated` is how `fetch` calls a connection that broke. */
function brokenOff(error: unknown, position: string | null): string {
  const reason = error instanceof Error && error.message !== 'terminated' ? error.message : 'The connection broke.';
  return `The export is not complete. ${reason}${position !== null ? ` It goes on with --after ${position}` : ''}`;
}
