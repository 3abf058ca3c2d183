import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { DateTime, Duration } from 'luxon';

const INSTANT = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

const badInput = (message: string) => new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

function textIn(node: ValueNode): unknown {
  return node.kind === Kind.STRING ? node.value : null;
}

/** A moment after RFC 3339; `null` for what is none. */
export function instantOf(value: unknown): Date | null {
  const parsed = typeof value === 'string' && INSTANT.test(value) ? DateTime.fromISO(value, { setZone: true }) : null;
  return parsed?.isValid ? parsed.toJSDate() : null;
}

function parseInstant(value: unknown): Date {
  const instant = instantOf(value);
  if (!instant) throw badInput('A DateTime is a date that exists, with time and zone: 2026-01-31T12:00:00Z.');
  return instant;
}

/** Strict, unlike the built-in one, which accepts text that is no date. */
export const GraphqlDateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A moment after RFC 3339, with its zone: 2026-01-31T12:00:00Z.',
  serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(textIn(node)),
});

function parseDuration(value: unknown): number {
  const parsed = typeof value === 'string' && /\d/.test(value) ? Duration.fromISO(value) : null;
  if (!parsed?.isValid || parsed.years || parsed.months || parsed.toMillis() < 0)
    throw badInput('A Duration is written as ISO 8601 says, in weeks or smaller units: P7D, PT24H.');
  // Whole ones: parts of a minute or an hour can be anything.
  return Math.round(parsed.toMillis());
}

/** Milliseconds inside, ISO 8601 outside. No months or years: their length depends on the calendar. */
export const GraphqlDuration = new GraphQLScalarType<number, string>({
  name: 'Duration',
  description: 'A length of time after ISO 8601, in weeks or smaller units: P7D, PT24H.',
  serialize: (value) => Duration.fromMillis(Number(value)).rescale().toISO(),
  parseValue: parseDuration,
  parseLiteral: (node) => parseDuration(textIn(node)),
});

/** Only ever answered, never taken in. */
export const GraphqlJson = new GraphQLScalarType({
  name: 'JSON',
  description: 'A JSON object whose fields depend on the action.',
  serialize: (value) => value,
});
