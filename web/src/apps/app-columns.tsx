import type { Column } from '../common/data-table.js';
import { MaybeMoment } from '../common/moment.js';
import { RowName } from '../common/row-name.js';
import { StatusBadge } from '../common/status-badge.js';
import { strings } from '../strings.js';
import type { App } from './app-list.js';

const { columns, statuses } = strings.apps;

export const appColumns = (newId: string | null): Column<App>[] => [
  { heading: columns.name, isMain: true, cell: ({ id, name }) => <RowName name={name} isNew={id === newId} /> },
  { heading: columns.createdBy, cell: ({ createdBy }) => <bdi>{createdBy.name}</bdi> },
  { heading: columns.status, cell: ({ status }) => <StatusBadge status={status} label={statuses[status]} /> },
  {
    heading: columns.lastUsed,
    cell: ({ lastUsedAt }) => <MaybeMoment at={lastUsedAt} otherwise={strings.common.never} />,
  },
];
