import { DomainError } from './domain-error.js';
import { StoreUnavailableError } from './event-store/event-store.js';
import { isUnavailable as isPostgresUnavailable } from './postgres/unavailable.js';

/** Whether an error says "not now": a part cannot be reached, or cannot be trusted at the moment. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === 'UNAVAILABLE';
  return error instanceof StoreUnavailableError || isPostgresUnavailable(error);
}
