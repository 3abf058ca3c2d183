import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { Recorded } from '../src/events.js';
import type { ErasureEvent } from '../src/personal-data/erasure.decider.js';
import type { Facts } from './facts.js';
import type { Tables } from './tables.js';

/** Of whom nothing is to be told any more, in all that came before. */
export type Erased = Recorded<ErasureEvent>;

/** A read model as the projector sees it. */
export type Projection = {
  readonly name: string;
  /** Counted up when its code makes other rows of the same events: they are then built anew beside the old ones. */
  readonly version: number;
  /** The rows it consists of, a table each. No other projection writes them. The facts are told of the first. */
  readonly tables: readonly [EntityTarget<ObjectLiteral>, ...EntityTarget<ObjectLiteral>[]];
  /** Columns by which `apply` looks for rows, beside the primary keys: what begins an index that is needed while tables are filled. */
  readonly lookedUpBy: readonly string[];
  /** What rows that were built anew are checked by. */
  readonly facts: Facts<ObjectLiteral>;
  /** Brings the tables up to date with events that they have not seen, in the log's order, within a transaction. */
  apply(events: readonly Recorded[], tables: Tables): Promise<void>;
  /** Forgets what the rows tell of a person, beside the id. */
  erase(erased: Erased, tables: Tables): Promise<void>;
};
