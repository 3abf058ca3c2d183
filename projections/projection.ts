import type { EntityManager } from 'typeorm';
import type { Recorded } from '../src/events.js';

/** A read model as the projector sees it. */
export type Projection = {
  readonly name: string;
  /** Its tables: emptied when it is rebuilt. */
  readonly tables: readonly string[];
  /** Brings the tables up to date with events that they have not seen, in the log's order, within the projector's transaction. */
  apply(events: readonly Recorded[], transaction: EntityManager): Promise<void>;
};
