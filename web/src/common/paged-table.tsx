import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { strings } from '../strings.js';
import { DataTable, type Column } from './data-table.js';
import { Loading } from './loading.js';
import type { PagedRows } from './pages.js';
import { Problem } from './problem.js';

type Props<Row> = {
  label: string;
  list: PagedRows<Row>;
  columns: readonly Column<Row>[];
  menu: (row: Row) => ReactNode;
  failed: string;
  /** Shown when there is nothing. */
  empty: ReactNode;
};

/** A list in each of its states: not there yet, failed, empty, or rows with a way to more of them. */
export function PagedTable<Row extends { id: string }>({ label, list, columns, menu, failed, empty }: Props<Row>) {
  if (list.isLoading) return <Loading />;
  if (list.error && list.rows.length === 0)
    return <Problem title={failed} error={list.error} onRetry={list.tryAgain} />;
  return (
    <Stack>
      {list.error && <Problem title={failed} error={list.error} onRetry={list.tryAgain} />}
      {list.rows.length === 0 && !list.hasMore && empty}
      {list.rows.length > 0 && (
        <DataTable label={label} columns={columns} rows={list.rows} total={list.total} isOld={list.isOld} menu={menu} />
      )}
      <Group justify="space-between" mih={36}>
        <Text size="sm" c="dimmed">
          {list.rows.length > 0 && strings.common.shown(list.rows.length, list.total)}
        </Text>
        {list.hasMore && (
          <Button variant="default" onClick={list.loadMore} loading={list.isLoadingMore}>
            {strings.common.loadMore}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
