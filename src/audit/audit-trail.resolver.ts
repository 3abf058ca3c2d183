import { Args, Query, Resolver } from '@nestjs/graphql';
import { AuditQueries } from '../../projections/audit-queries.js';
import type { AuditFilter as RowFilter } from '../../projections/audit-question.js';
import type { AuditRow } from '../../projections/audit-trail.js';
import { authorise } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { connect, keyOfCursor, type CursorScope } from '../graphql/connection.js';
import { pageCost } from '../graphql/limits.js';
import { CurrentCaller } from '../graphql/request-context.js';
import { typedDetails } from './audit-details.types.js';
import { AuditEntry, AuditEntryConnection, AuditTrailArgs, type AuditFilter } from './audit-trail.types.js';
import { personalOfRow } from './evidence/leaf.js';
import { sentenceOf } from './sentence.js';

const scope: CursorScope = { list: 'auditTrail', field: 'position', direction: 'DESC', kind: 'number' };

@Resolver(() => AuditEntry)
export class AuditTrailResolver {
  constructor(private readonly queries: AuditQueries) {}

  @Query(() => AuditEntryConnection, { complexity: pageCost, description: 'Who did what, newest first.' })
  async auditTrail(@Args() { filter, first, after }: AuditTrailArgs, @CurrentCaller() caller: Caller) {
    authorise(caller, 'auditTrail');
    const asked = rowFilter(filter);
    const page = await this.queries.list(caller.tenantId, asked, { first, after: keyOfCursor(after, scope) });
    return connect(
      page,
      after,
      scope,
      entryOf,
      (row) => ({ value: row.logOrder, id: row.id }),
      () => this.queries.count(caller.tenantId, asked),
    );
  }
}

function entryOf(row: AuditRow): AuditEntry {
  const { actorKind, actorId, actorName, ...rest } = row;
  const actor = { kind: actorKind, id: actorId, name: actorName ?? actorId };
  return {
    ...rest,
    ...personalOfRow(row),
    actor,
    sentence: sentenceOf(row),
    typedDetails: typedDetails(row.action, row.details),
  };
}

function rowFilter(filter: AuditFilter | null | undefined): RowFilter {
  const given = Object.entries(filter ?? {}).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  return Object.fromEntries(given);
}
