import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findCheckpoints, PROJECTED_CHANNEL } from '../../projections/checkpoints.js';
import { Progress } from '../../projections/progress.js';
import { projections } from '../../projections/projections.js';
import { Projector } from '../../projections/projector.js';
import { Rebuilder } from '../../projections/rebuilder.js';
import { Settings } from '../config.js';
import { EVENT_STORE, type EventStore, type RecordedEvent } from '../event-store/event-store.js';
import { earliestOf, isPosition, type Position } from '../event-store/position.js';
import { toEvent } from '../events.js';
import { Metrics } from '../metrics.js';
import { openedLog } from '../personal-data/opened-log.js';
import { PersonKeys } from '../personal-data/person-keys.js';
import { Listener } from '../postgres/listener.js';

/** Runs the projector in this process if it has that role, and hears of the progress of the others'. */
@Injectable()
export class ProjectorService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('Projector');
  readonly #projector: Projector;
  readonly #rebuilder: Rebuilder;
  #listener: Listener | undefined;
  #trouble: string | null = null;

  constructor(
    database: DataSource,
    @Inject(EVENT_STORE) store: EventStore,
    private readonly progress: Progress,
    private readonly settings: Settings,
    private readonly metrics: Metrics,
    keys: PersonKeys,
  ) {
    const log = openedLog(store, keys);
    this.#projector = new Projector(database, log, projections, toEvent, {
      projected: (position, events) => this.#projected(position, events),
      recovered: () => (this.#trouble = null),
      parked: (projection, { type, stream }, error) => {
        this.#logger.error(
          new Error(`${projection} cannot apply ${type} of ${stream}, which is parked.`, { cause: error }),
        );
      },
      failed: (error) => this.#failed(error),
    });
    this.#rebuilder = new Rebuilder(database, log, projections, toEvent, {
      rebuilt: (projection) => this.#logger.log(`${projection} was built anew.`),
      failed: (projection, error) =>
        this.#logger.error(new Error(`${projection} could not be built anew.`, { cause: error })),
    });
  }

  /** What keeps the projector of this process from working, `null` when nothing does. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Whether it is this process that projects at the moment. */
  get isRunning(): boolean {
    return this.#projector.isHolder;
  }

  onApplicationBootstrap(): void {
    this.#listener = new Listener(this.settings.databaseUrl, PROJECTED_CHANNEL, (payload) => {
      if (isPosition(payload)) this.progress.advance(payload);
    });
    if (!this.settings.roles.includes('projector')) return;
    this.#projector.start();
    this.#rebuilder.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#listener?.close();
    await Promise.all([this.#projector.stop(), this.#rebuilder.stop()]);
  }

  #projected(position: Position, events: readonly RecordedEvent[]): void {
    this.#trouble = null;
    this.progress.advance(position);
    const now = Date.now();
    for (const { recordedAt } of events)
      this.metrics.projectionLag.observe(Math.max(0, now - recordedAt.getTime()) / 1_000);
  }

  #failed(error: unknown): void {
    this.#trouble = error instanceof Error ? error.message : String(error);
    this.metrics.projectionFailures.inc();
    this.#logger.error(error);
  }
}

/** The position that every read model has reached, but for those that are being built for the first time. */
export async function reachedBy(database: DataSource): Promise<Position | null> {
  const checkpoints = await findCheckpoints(database.manager);
  const running = checkpoints.filter(({ version }) => version > 0);
  // What is not whole shows nothing for certain, however far it has come.
  return running.every(({ isWhole }) => isWhole) ? earliestOf(running.map(({ position }) => position)) : null;
}
