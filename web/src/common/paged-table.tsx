import { Group, Stack, Text } from '@mantine/core';
import { useCallback, useRef, type ReactNode } from 'react';
import { BusyButton } from './busy-button.js';
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
  const count = useRef<HTMLParagraphElement>(null);
  /** The button goes with the last page. The focus goes on to what was loaded. */
  const handOver = useCallback(
    (button: HTMLButtonElement | null) => () => {
      if (document.activeElement === button) count.current?.focus();
    },
    [],
  );
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
        <Text size="sm" c="dimmed" ref={count} tabIndex={-1} style={{ outline: 'none' }}>
          {list.rows.length > 0 && strings.common.shown(list.rows.length, list.total)}
        </Text>
        {list.hasMore && (
          <BusyButton variant="default" ref={handOver} onClick={list.loadMore} isBusy={list.isLoadingMore}>
            {strings.common.loadMore}
          </BusyButton>
        )}
      </Group>
    </Stack>
  );
}
