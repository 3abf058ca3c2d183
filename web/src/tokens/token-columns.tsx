import type { Column } from '../common/data-table.js';
import { MaybeMoment, Moment } from '../common/moment.js';
import { RowName } from '../common/row-name.js';
import { StatusBadge } from '../common/status-badge.js';
import { strings } from '../strings.js';
import type { Token } from './token-list.js';

const { columns, statuses } = strings.tokens;

export const tokenColumns = (newId: string | null): Column<Token>[] => [
  { heading: columns.name, isMain: true, cell: ({ id, name }) => <RowName name={name} isNew={id === newId} /> },
  { heading: columns.status, cell: ({ status }) => <StatusBadge status={status} label={statuses[status]} /> },
  { heading: columns.createdBy, cell: ({ createdBy }) => <bdi>{createdBy.name}</bdi> },
  { heading: columns.expires, cell: ({ expiresAt }) => <Moment at={expiresAt} isDay /> },
  {
    heading: columns.lastUsed,
    cell: ({ lastUsedAt }) => <MaybeMoment at={lastUsedAt} otherwise={strings.common.never} />,
  },
];
