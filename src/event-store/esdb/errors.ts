import { StoreUnavailableError } from '../event-store.js';

/** An answer did not come in time, or a subscription fell silent. */
export class DeadlineMissedError extends Error {
  override readonly name = 'DeadlineMissedError';
  override readonly message = 'No answer in time.';
}

/** Errors are told apart by their `type`, in which both client packages agree; their text is often empty. */
const passingTypes = new Set<unknown>(['unavailable', 'timeout', 'deadline-exceeded', 'cancelled', 'not-leader']);

/** CANCELLED by a client that was given up, ABORTED, INTERNAL with which a stopping server ends what is open, UNAVAILABLE. */
const passingCodes = new Set<unknown>([1, 10, 13, 14]);
const UNAUTHENTICATED = 16;

const propertyOf = (error: unknown, name: string): unknown =>
  error instanceof Error ? (error as unknown as Record<string, unknown>)[name] : undefined;
const typeOf = (error: unknown) => propertyOf(error, 'type');

export const isWrongRevision = (error: unknown) => typeOf(error) === 'wrong-expected-version';
export const isStreamNotFound = (error: unknown) => typeOf(error) === 'stream-not-found';

/** Whether the same call may succeed later, here or on another node. An append that failed so may have been stored. */
export const isPassing = (error: unknown) =>
  error instanceof DeadlineMissedError ||
  passingTypes.has(typeOf(error)) ||
  // The first call of a client that meets nobody fails with a plain error that has a code and no type.
  passingCodes.has(propertyOf(error, 'code')) ||
  foundNobody(error);

/** When no node says who leads, the client throws an error that is nothing but a text. */
const foundNobody = (error: unknown) =>
  error instanceof Error && error.constructor.name === 'Error' && !('code' in error) && !('type' in error);

/** What a wrong expected revision should have been. KurrentDB's client calls it the actual state. */
export function currentIn(error: unknown): bigint | 'no_stream' {
  const actual = propertyOf(error, 'actualVersion') ?? propertyOf(error, 'actualState');
  return typeof actual === 'bigint' && actual >= 0n ? actual : 'no_stream';
}

/** What a caller of the port is told of an error of the client. */
export function told(error: unknown): unknown {
  if (isPassing(error)) return new StoreUnavailableError('The event store cannot be reached.', { cause: error });
  if (propertyOf(error, 'code') === UNAUTHENTICATED)
    return new StoreUnavailableError('The event store refuses the user or the password.', { cause: error });
  if (typeOf(error) === 'access-denied')
    return new StoreUnavailableError(
      'The event store denies access: the user needs the right to read `$all` and to write its streams.',
      { cause: error },
    );
  return error;
}
