import { z } from 'zod';
import type { AuditFilter } from '../../../projections/audit-question.js';
import { DomainError } from '../../domain-error.js';
import { isPosition } from '../../event-store/position.js';
import { isUuid } from '../../graphql/ids.js';
import { isPlainText } from '../../graphql/plain-text.js';
import { instantOf } from '../../graphql/scalars.js';
import type { AuditAction as Action } from '../audit-details.js';
import { AuditAction } from '../audit-enums.js';
import type { ExportFilter, ExportFormat } from '../audit-trail-exported.js';

export type ExportRequest = { format: ExportFormat; filter: AuditFilter; after: string | null };

const plainText = (max: number) =>
  z.string().refine((text) => isPlainText(text, { max }), `must be 1 to ${max} readable characters`);
const moment = z.string().transform((text, context) => {
  const instant = instantOf(text);
  if (instant) return instant;
  context.addIssue('must be a moment with its zone: 2026-01-31T12:00:00Z');
  return z.NEVER;
});
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(', ')}`);
const action = oneOf(Object.keys(AuditAction) as Action[]);

const query = z.strictObject({
  format: oneOf(['jsonl', 'csv']),
  actorId: plainText(255).optional(),
  action: z.union([z.array(action), action.transform((one) => [one])], 'must name actions').optional(),
  targetType: oneOf(['APP', 'TOKEN']).optional(),
  targetId: z.string().refine(isUuid, 'must be a UUID').optional(),
  from: moment.optional(),
  to: moment.optional(),
  text: plainText(200).optional(),
  after: z.string().refine(isPosition, 'must be the position of an exported entry').optional(),
});

/** What the address asks for. Throws BAD_USER_INPUT with a sentence for each parameter that is wrong. */
export function exportRequest(parameters: Readonly<Record<string, unknown>>): ExportRequest {
  const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));
  const parsed = query.safeParse(given);
  if (!parsed.success) throw new DomainError('BAD_USER_INPUT', `${parsed.error.issues.map(sentenceOf).join('; ')}.`);
  const { format, after = null, action: actions, ...rest } = parsed.data;
  const asked = Object.entries({ ...rest, actions }).filter(([, value]) => value !== undefined);
  return { format, after, filter: Object.fromEntries(asked) };
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no parameter ${issue.keys.join(', ')}`;
  return `${String(issue.path[0])} ${issue.message}`;
}

/** A filter as the log keeps it. */
export const recordedFilter = ({ from, to, ...filter }: AuditFilter): ExportFilter => ({
  actorId: filter.actorId ?? null,
  actions: filter.actions ? [...filter.actions] : null,
  targetType: filter.targetType ?? null,
  targetId: filter.targetId ?? null,
  from: from?.toISOString() ?? null,
  to: to?.toISOString() ?? null,
  text: filter.text ?? null,
});
