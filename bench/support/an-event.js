import { randomUUID } from 'node:crypto';

/** For benches to whom it does not matter what happened. */
export const anEvent = () => ({ id: randomUUID(), type: 'Happened', data: { n: 1 }, metadata: { schemaVersion: 1 } });
