const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);

/** SQLSTATE classes and codes that say "not now": connection trouble, no resources left, shutting down, timed out. */
const notNow = /^(08|53|57P|57014|55P03|25006|40)/;

/** `pg` gives these no code. */
const withoutCode =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable|Cannot use a pool after/;

/** Whether a PostgreSQL error means that the server cannot be reached or cannot answer at the moment. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (networkCodes.has(code) || notNow.test(code)) return true;
  if ('driverError' in error && error.driverError !== error) return isUnavailable(error.driverError);
  return withoutCode.test(error.message);
}
