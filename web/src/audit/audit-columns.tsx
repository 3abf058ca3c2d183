import type { Column } from '../common/data-table.js';
import { Moment } from '../common/moment.js';
import { strings } from '../strings.js';
import type { Entry } from './audit-list.js';

const { columns } = strings.audit;

export const auditColumns: Column<Entry>[] = [
  { heading: columns.what, isMain: true, cell: ({ sentence }) => <bdi>{sentence}</bdi> },
  { heading: columns.when, cell: ({ at }) => <Moment at={at} /> },
  { heading: columns.who, cell: ({ actor }) => <bdi>{actor.name}</bdi> },
  { heading: columns.where, cell: ({ ip }) => ip ?? strings.common.none },
];
