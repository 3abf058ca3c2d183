import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { EventStore, LogBatch, RecordedEvent } from '../src/event-store/event-store.js';
import { comparePositions, type Position } from '../src/event-store/position.js';
import { lockCheckpoints, overtake } from './checkpoints.js';
import { digestOf } from './facts.js';
import { CarefulProjection, isPoison, type ToEvent } from './parked-streams.js';
import type { Projection } from './projection.js';
import { findRebuilds, schemaOf, type RebuildState } from './rebuilds.js';
import { READ, Tables } from './tables.js';

const PAGE = 5_000;
const NIL = '00000000-0000-0000-0000-000000000000';

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
    const runner = this.database.createQueryRunner();
    try {
      await this.#begin(runner.manager);
      await this.#catchUp(runner, signal);
      await this.#verify(runner.manager);
      // What has happened meanwhile is not to hold up the projector during the switch.
      await this.#catchUp(runner, signal);
      if (signal.aborted) return false;
      await this.#inTransaction(runner, () => this.#switch(runner.manager));
      return true;
    } catch (error) {
      await this.#find(runner.manager);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** Throws when there is nothing to be built, or no longer. */
  async #find(manager: EntityManager): Promise<RebuildState> {
    const state = (await findRebuilds(manager)).find(({ projection }) => projection === this.projection.name);
    if (state) return state;
    throw new RebuildLostError(`Nobody asks for ${this.projection.name} to be built anew.`);
  }

  async #begin(manager: EntityManager): Promise<void> {
    this.#state = await this.#find(manager);
    const tables = [...this.#tables(), `${READ}.parked_streams`];
    await manager.query(`create schema if not exists ${this.#schema}`);
    for (const table of tables)
      await manager.query(`create table if not exists ${this.#beside(table)} (like ${table} including all)`);
    const parked = await manager.query<{ stream: string }[]>(`select stream from ${this.#schema}.parked_streams`);
    const streams = new Set(parked.map(({ stream }) => stream));
    this.#careful = new CarefulProjection(this.projection, this.toEvent, this.#schema, streams);
  }

  /** Until the end of the log, or until it is stopped. */
  async #catchUp(runner: QueryRunner, signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    await this.#lookAhead(runner.manager);
    for await (const batch of this.store.follow(this.#state.position, AbortSignal.any([signal, end.signal]))) {
      await this.#add(runner, batch);
      if (batch.isEnd) end.abort();
    }
  }

  async #lookAhead(manager: EntityManager): Promise<void> {
    const head = await this.store.head(this.#state.position);
    await manager.query('update read.rebuilds set head = $2, error = null where projection = $1', [
      this.projection.name,
      head,
    ]);
  }

  async #add(runner: QueryRunner, { events, position }: LogBatch): Promise<void> {
    if (events.length === 0) return;
    const apply = (isCareful: boolean) =>
      this.#inTransaction(runner, () => this.#apply(runner.manager, events, position, isCareful));
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
    const facts = applied.flatMap((event) => this.projection.facts.ofEvent(this.toEvent(event)));
    const digest = BigInt.asUintN(64, this.#state.digest + digestOf(facts));
    await transaction.query('update read.rebuilds set digest = $2 where projection = $1', [
      this.projection.name,
      digest,
    ]);
    this.#state = { ...this.#state, position, digest };
  }

  /** What the rows say must be what the log says. */
  async #verify(manager: EntityManager): Promise<void> {
    const tables = new Tables(manager, this.#schema);
    let sum = 0n;
    for (let after = NIL; ;) {
      const rows = await tables.page(this.projection.tables[0], after, PAGE);
      sum = BigInt.asUintN(64, sum + digestOf(rows.flatMap((row) => this.projection.facts.ofRow(row))));
      if (rows.length < PAGE) break;
      after = (rows.at(-1) as { id: string }).id;
    }
    if (sum === this.#state.digest) return;
    throw new UnverifiedError(
      `The rows that were built for ${this.projection.name} do not say what the log says. They are not used.`,
    );
  }

  /** From here to the commit the projector waits, and then readers too, for some milliseconds. */
  async #switch(transaction: EntityManager): Promise<void> {
    const { name, version } = this.projection;
    const checkpoints = await lockCheckpoints(transaction);
    const reached = checkpoints.find((each) => each.name === name)?.position ?? null;
    await this.#reach(reached, transaction);

    for (const table of this.#tables()) {
      await transaction.query(`drop table ${table}`);
      await transaction.query(`alter table ${this.#beside(table)} set schema ${READ}`);
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
    const end = new AbortController();
    for await (const batch of this.store.follow(this.#state.position, end.signal)) {
      if (batch.events.length > 0) await this.#apply(transaction, batch.events, batch.position, true);
      if (comparePositions(this.#state.position, position) >= 0 || batch.isEnd) end.abort();
    }
  }

  async #inTransaction(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
    const before = this.#state;
    await runner.startTransaction();
    try {
      await work();
      await runner.commitTransaction();
    } catch (error) {
      this.#state = before;
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  }

  #tables(): string[] {
    const tables = new Tables(this.database.manager);
    return this.projection.tables.map((table) => tables.nameOf(table));
  }

  #beside(table: string): string {
    return `${this.#schema}.${table.split('.')[1]}`;
  }
}
