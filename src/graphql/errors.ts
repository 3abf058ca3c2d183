import { unwrapResolverError } from '@apollo/server/errors';
import { Logger } from '@nestjs/common';
import type { GraphQLFormattedError } from 'graphql';
import { DomainError, type ErrorCode } from '../domain-error.js';
import { isUnavailable } from '../unavailable.js';

const logger = new Logger('GraphQL');

/** The codes of the GraphQL server itself that mean: the document or its variables are wrong. */
const documentCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** Every error that leaves has a code of the closed list; of one that nobody foresaw, nothing leaves but that it happened. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const { code, message, extensions = {} } = tell(formatted, unwrapResolverError(thrown));
  return {
    message,
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: { ...extensions, code },
  };
}

type Told = { code: ErrorCode; message: string; extensions?: Readonly<Record<string, unknown>> };

function tell(formatted: GraphQLFormattedError, error: unknown): Told {
  if (error instanceof DomainError) return error;
  if (isUnavailable(error))
    return { code: 'UNAVAILABLE', message: 'A part of the service cannot be reached at the moment. Try again.' };
  if (documentCodes.has(String(formatted.extensions?.['code'])))
    return { code: 'BAD_USER_INPUT', message: formatted.message };
  logger.error(error);
  return { code: 'INTERNAL', message: 'Something went wrong here.' };
}
