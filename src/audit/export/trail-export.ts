import { Inject, Injectable } from '@nestjs/common';
import { v4 as randomUuid } from 'uuid';
import { AuditQueries } from '../../../projections/audit-queries.js';
import type { EntryOrder } from '../../../projections/audit-question.js';
import { Progress } from '../../../projections/progress.js';
import { Clock } from '../../clock.js';
import { Settings } from '../../config.js';
import { DomainError } from '../../domain-error.js';
import type { Origin } from '../../event-store/command-request.js';
import { EVENT_STORE, type EventStore, type ExpectedRevision, type NewEvent } from '../../event-store/event-store.js';
import { newEvent } from '../../event-store/new-event.js';
import { comparePositions, logOrder, type Position } from '../../event-store/position.js';
import { accessStreamOf } from '../access-stream.js';
import type { ExportEvent } from '../audit-trail-exported.js';
import { exportFormats } from './export-formats.js';
import { recordedFilter, type ExportRequest } from './export-request.js';

/** As many entries as are in memory at a time. */
const PAGE = 500;
const PARKED = 'The entry of this export has to wait in the audit trail: its stream is parked. Have it retried.';

/** The entries behind one place in an order, up to another. */
type Stretch = { tenantId: string; order: EntryOrder; after: string | null; until: string };

/** The audit trail to take along: from a position on, up to the entry that tells of this very export. */
@Injectable()
export class TrailExport {
  constructor(
    private readonly queries: AuditQueries,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly progress: Progress,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Puts the export on the log and answers its text, to be read at the reader's pace. */
  async begin(origin: Origin, request: ExportRequest): Promise<AsyncIterable<string>> {
    const position = await this.#record(origin, request);
    if (!(await this.progress.waitFor(position, this.settings.readModelTimeout)))
      throw new DomainError('UNAVAILABLE', 'The audit trail is behind. Try again.');
    return this.#text(request, await this.#stretch(origin.caller.tenantId, request, position));
  }

  async #stretch(tenantId: string, { filter, after }: ExportRequest, own: Position): Promise<Stretch> {
    // What is verified is a whole trail. Of a part, the indexes have the log's order.
    const isWhole = Object.keys(filter).length === 0;
    const order = isWhole && (await this.queries.isWholeTree(tenantId)) ? 'leafIndex' : 'logOrder';
    const until = await this.queries.placeOf(tenantId, logOrder(own), order);
    if (until === null) throw new DomainError('UNAVAILABLE', PARKED);
    return { tenantId, order, after: await this.#placeBehind(tenantId, order, after), until };
  }

  async #placeBehind(tenantId: string, order: EntryOrder, after: Position | null): Promise<string | null> {
    if (after === null || comparePositions(after, null) === 0) return null;
    if (order === 'logOrder') return logOrder(after);
    const place = await this.queries.placeOf(tenantId, logOrder(after), order);
    if (place === null) throw new DomainError('BAD_USER_INPUT', 'after must be the position of an exported entry.');
    return place;
  }

  async *#text({ format, filter, after }: ExportRequest, stretch: Stretch): AsyncGenerator<string> {
    const { heading, linesOf } = exportFormats[format];
    if (heading && after === null) yield heading;
    const { tenantId, order, until } = stretch;
    for (let place = stretch.after; ;) {
      const page = await this.queries.listStretch(tenantId, filter, { order, first: PAGE, after: place, until });
      if (page.rows.length > 0) yield linesOf(page.rows);
      if (!page.hasNextPage) return;
      place = page.end?.value ?? page.rows.at(-1)?.[order] ?? until;
    }
  }

  async #record(origin: Origin, { format, filter, after }: ExportRequest): Promise<Position> {
    const now = this.clock.now();
    const stream = accessStreamOf(this.settings.streamPrefix, origin.caller.tenantId, now);
    const event: ExportEvent = {
      type: 'AuditTrailExported',
      data: { format, filter: recordedFilter(filter), after, at: now.toISOString() },
    };
    const id = randomUuid();
    return this.#append(stream, newEvent(id, event, { ...origin, commandId: id, inputDigest: '' }));
  }

  /** Refusals go to the same stream: whoever is told of another revision goes on from there. */
  async #append(stream: string, event: NewEvent): Promise<Position> {
    for (let expected: ExpectedRevision = 'no_stream'; ;) {
      const result = await this.store.append(stream, expected, [event]);
      if (result.outcome === 'conflict') expected = result.current;
      else if (result.outcome === 'id reused') throw new Error(`An event id of ${stream} was used before.`);
      else return result.position;
    }
  }
}
