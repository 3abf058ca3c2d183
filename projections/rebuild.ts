import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { NIL } from 'uuid';
import type { EventStore, LogBatch, RecordedEvent } from '../src/event-store/event-store.js';
import { comparePositions, eventsAfter, type Position } from '../src/event-store/position.js';
import { lockCheckpoints, overtake } from './checkpoints.js';
import { digestOf } from './facts.js';
import { dropLateIndexes, makeCopy, makeLateIndexes, type Copy } from './late-indexes.js';
import { CarefulProjection, isPoison, type ToEvent } from './parked-streams.js';
import type { Projection } from './projection.js';
import { findRebuilds, schemaOf, type RebuildState } from './rebuilds.js';
import { readToEnd } from './read-to-end.js';
import { sqlStateOf } from './sql-state.js';
import { READ, Tables } from './tables.js';

const PAGE = 5_000;
/** Milliseconds, as are those that follow: so long the tables may be waited for with everybody behind. */
const LONGEST_WAIT = 250;
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const LOCK_NOT_AVAILABLE = '55P03';
const NEVER = new AbortController().signal;

/** What was built was discarded meanwhile, or somebody else goes on with it. */
export class RebuildLostError extends Error {
  override readonly name = 'RebuildLostError';
}

/** What was built is wrong. */
export class UnverifiedError extends Error {
  override readonly name = 'UnverifiedError';
}

/**
 * Builds one projection anew beside its old tables, which are read and written as ever, checks what was built, and lets it take their
 * place. It goes on where it was when it was stopped.
 */
export class Rebuild {
  readonly #schema: string;
  #state!: RebuildState;
  #careful!: CarefulProjection;

  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
    private readonly projection: Projection,
    private readonly toEvent: ToEvent,
  ) {
    this.#schema = schemaOf(projection.name);
  }

  /** Answers whether it was finished: not so when it was stopped before. */
  async run(signal: AbortSignal): Promise<boolean> {
    const isStopped = () => signal.aborted;
    try {
      await this.begin();
      await this.#catchUp(signal);
      await this.#makeIndexes(signal);
      if (isStopped()) return false;
      await this.#verify();
      for (let pause = SHORTEST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
        // What has happened meanwhile is not to hold up the projector during the switch.
        await this.#catchUp(signal);
        if (isStopped()) return false;
        if (await this.#hasSwitched()) return true;
        await sleep(pause, undefined, { signal }).catch(() => undefined);
        await this.begin();
      }
    } catch (error) {
      await this.#find();
      throw error;
    }
  }

  /** Where the next event is to come from. */
  get position(): Position | null {
    return this.#state.position;
  }

  /** Throws when there is nothing to be built, or no longer. */
  async #find(): Promise<RebuildState> {
    const state = (await findRebuilds(this.database.manager)).find(
      ({ projection }) => projection === this.projection.name,
    );
    if (state) return state;
    throw new RebuildLostError(`Nobody asks for ${this.projection.name} to be built anew.`);
  }

  async begin(): Promise<void> {
    this.#state = await this.#find();
    await this.database.transaction((transaction) => this.#makeTables(transaction));
    const parked = await this.database.query<{ stream: string }[]>(`select stream from ${this.#schema}.parked_streams`);
    const streams = new Set(parked.map(({ stream }) => stream));
    this.#careful = new CarefulProjection(this.projection, this.toEvent, this.#schema, streams);
    await this.#lookAhead();
  }

  async #makeTables(transaction: EntityManager): Promise<void> {
    await transaction.query(`create schema if not exists ${this.#schema}`);
    await makeCopy(transaction, { table: `${this.#schema}.parked_streams`, of: `${READ}.parked_streams` });
    for (const copy of this.#copies())
      if (await makeCopy(transaction, copy)) await dropLateIndexes(transaction, copy, this.projection.lookedUpBy);
  }

  /** Until the end of the log, or until it is stopped. */
  async #catchUp(signal: AbortSignal): Promise<void> {
    for await (const batch of readToEnd(this.store, this.#state.position, signal)) await this.add(batch, signal);
  }

  async #makeIndexes(signal: AbortSignal): Promise<void> {
    for (const copy of this.#copies()) await makeLateIndexes(this.database, copy, signal);
  }

  async #lookAhead(): Promise<void> {
    const head = await this.store.head(this.#state.position);
    await this.database.query('update read.rebuilds set head = $2, error = null where projection = $1', [
      this.projection.name,
      head,
    ]);
  }

  /** Writes what it has not written yet, unless it is stopped before. */
  async add(batch: LogBatch, signal: AbortSignal): Promise<void> {
    const { position } = batch;
    const events = eventsAfter(this.#state.position, batch.events);
    if (events.length === 0) return;
    // Whoever is forgotten is looked for in all that is there, which takes an index.
    if (events.some(({ type }) => type === 'PersonalDataErased')) await this.#makeIndexes(signal);
    if (signal.aborted) return;
    const apply = (isCareful: boolean) =>
      this.#inTransaction(async (transaction) => {
        // After a crash the position is where the rows are. The switch waits for the disk, and with its own commit for all before it.
        await transaction.query('set local synchronous_commit = off');
        await this.#apply(transaction, events, position, isCareful);
      });
    try {
      await apply(false);
    } catch (error) {
      if (!isPoison(error) || error instanceof RebuildLostError) throw error;
      await apply(true);
    }
  }

  /** The fence first: whoever does not find the rebuild where it left it writes nothing. */
  async #apply(
    transaction: EntityManager,
    events: readonly RecordedEvent[],
    position: Position,
    isCareful: boolean,
  ): Promise<void> {
    const [moved] = await transaction.query<[unknown[], number]>(
      `update read.rebuilds set position = $3 where projection = $1 and position is not distinct from $2 returning projection`,
      [this.projection.name, this.#state.position, position],
    );
    if (moved.length === 0) throw new RebuildLostError(`${this.projection.name} is no longer built here.`);
    const applied = await (isCareful
      ? this.#careful.applyOneByOne(events, transaction)
      : this.#careful.apply(events, transaction));
    const facts = applied.flatMap((event) => this.projection.facts.ofEvent(event));
    const digest = BigInt.asUintN(64, this.#state.digest + digestOf(facts));
    await transaction.query('update read.rebuilds set digest = $2 where projection = $1', [
      this.projection.name,
      digest,
    ]);
    this.#state = { ...this.#state, position, digest };
  }

  /** What the rows say must be what the log says. */
  async #verify(): Promise<void> {
    const tables = new Tables(this.database.manager, this.#schema);
    const { facts } = this.projection;
    let sum = 0n;
    for (let after: string = NIL; ;) {
      const rows = await tables.page(this.projection.tables[0], after, PAGE, facts.columns);
      sum = BigInt.asUintN(64, sum + digestOf(rows.flatMap((row) => facts.ofRow(row))));
      if (rows.length < PAGE) break;
      after = (rows.at(-1) as { id: string }).id;
    }
    if (sum === this.#state.digest) return;
    throw new UnverifiedError(
      `The rows that were built for ${this.projection.name} do not say what the log says. They are not used.`,
    );
  }

  /** Not so while somebody holds on to the old tables, as a backup does for as long as it takes. */
  async #hasSwitched(): Promise<boolean> {
    try {
      await this.#inTransaction((transaction) => this.#switch(transaction));
      return true;
    } catch (error) {
      if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) return false;
      throw error;
    }
  }

  /** From here to the commit the projector waits, and then readers too, for some milliseconds. */
  async #switch(transaction: EntityManager): Promise<void> {
    const { name, version } = this.projection;
    // Before any table, as whoever discards it does: or each would wait for the other.
    const mine = await transaction.query<unknown[]>('select from read.rebuilds where projection = $1 for update', [
      name,
    ]);
    if (mine.length === 0) throw new RebuildLostError(`${name} is no longer built here.`);
    const checkpoints = await lockCheckpoints(transaction);
    const reached = checkpoints.find((each) => each.name === name)?.position ?? null;
    await this.#reach(reached, transaction);
    // Whoever comes after waits behind it.
    await transaction.query(`set local lock_timeout = ${LONGEST_WAIT}`);

    for (const { table, of } of this.#copies()) {
      await transaction.query(`drop table ${of}`);
      await transaction.query(`alter table ${table} set schema ${READ}`);
    }
    await transaction.query('delete from read.parked_streams where projection = $1', [name]);
    await transaction.query(`insert into read.parked_streams select * from ${this.#schema}.parked_streams`);
    await transaction.query(
      `update read.checkpoints set position = $2, version = $3, is_whole = true, advanced_at = now() where name = $1`,
      [name, this.#state.position, version],
    );
    // All of them: a runner that did not run this projection yet is to begin with it.
    await overtake(
      transaction,
      checkpoints.map((each) => each.name),
    );
    await transaction.query('delete from read.rebuilds where projection = $1', [name]);
    await transaction.query(`drop schema ${this.#schema} cascade`);
  }

  /** Brings the new tables as far as the old ones have come. */
  async #reach(position: Position | null, transaction: EntityManager): Promise<void> {
    if (comparePositions(this.#state.position, position) >= 0) return;
    for await (const batch of readToEnd(this.store, this.#state.position, NEVER)) {
      if (batch.events.length > 0) await this.#apply(transaction, batch.events, batch.position, true);
      if (comparePositions(this.#state.position, position) >= 0) return;
    }
  }

  async #inTransaction(work: (transaction: EntityManager) => Promise<void>): Promise<void> {
    const before = this.#state;
    try {
      await this.database.transaction(work);
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  #copies(): Copy[] {
    const { manager } = this.database;
    const [beside, present] = [new Tables(manager, this.#schema), new Tables(manager)];
    return this.projection.tables.map((table) => ({ table: beside.nameOf(table), of: present.nameOf(table) }));
  }
}
