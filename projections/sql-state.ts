import { QueryFailedError } from 'typeorm';

/** What PostgreSQL calls the failure of a statement; empty for whatever else went wrong. */
export const sqlStateOf = (error: unknown): string =>
  error instanceof QueryFailedError ? ((error.driverError as { code?: string }).code ?? '') : '';
