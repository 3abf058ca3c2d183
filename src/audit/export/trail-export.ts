import { Inject, Injectable } from '@nestjs/common';
import { v4 as randomUuid } from 'uuid';
import { AuditQueries } from '../../../projections/audit-queries.js';
import { Progress } from '../../../projections/progress.js';
import { Clock } from '../../clock.js';
import { Settings } from '../../config.js';
import { DomainError } from '../../domain-error.js';
import type { Origin } from '../../event-store/command-request.js';
import { EVENT_STORE, type EventStore, type ExpectedRevision, type NewEvent } from '../../event-store/event-store.js';
import { newEvent } from '../../event-store/new-event.js';
import { logOrder, type Position } from '../../event-store/position.js';
import { accessStreamOf } from '../access-stream.js';
import type { ExportEvent } from '../audit-trail-exported.js';
import { exportFormats } from './export-formats.js';
import { recordedFilter, type ExportRequest } from './export-request.js';

/** As many entries as are in memory at a time. */
const PAGE = 500;

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
    return this.#text(origin.caller.tenantId, request, logOrder(position));
  }

  async *#text(tenantId: string, { format, filter, after }: ExportRequest, until: string): AsyncGenerator<string> {
    const { heading, linesOf } = exportFormats[format];
    if (heading && after === null) yield heading;
    for (let place = after === null ? null : logOrder(after); ;) {
      const page = await this.queries.listStretch(tenantId, filter, { first: PAGE, after: place, until });
      if (page.rows.length > 0) yield linesOf(page.rows);
      if (!page.hasNextPage) return;
      place = page.end?.value ?? page.rows.at(-1)?.logOrder ?? until;
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
