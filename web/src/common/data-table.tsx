import { VisuallyHidden } from '@mantine/core';
import { memo, useRef, type ReactNode } from 'react';
import { strings } from '../strings.js';
import classes from './data-table.module.css';
import { useWindowOfRows } from './window-of-rows.js';

export type Column<Row> = { heading: string; cell: (row: Row) => ReactNode; isMain?: boolean };

type Props<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  total: number | null;
  isOld?: boolean;
  /** The last cell of each row. */
  menu: (row: Row) => ReactNode;
};

/**
 * A table that becomes a list of cards on a phone, and of which only what can be seen is in the document once it is long. The
 * roles are spelled out: cells that are not laid out as a table would lose them.
 */
export function DataTable<Row extends { id: string }>({ label, columns, rows, total, isOld, menu }: Props<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { from, to, above, below, measure } = useWindowOfRows(rows, body);
  return (
    <table
      role="table"
      className={classes.table}
      aria-label={label}
      aria-rowcount={(total ?? rows.length) + 1}
      data-old={isOld ? true : undefined}
    >
      <thead role="rowgroup">
        <tr role="row" aria-rowindex={1}>
          {columns.map(({ heading }) => (
            <th key={heading} role="columnheader" scope="col">
              {heading}
            </th>
          ))}
          <th role="columnheader" scope="col">
            <VisuallyHidden>{strings.common.options}</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup" ref={body}>
        <Space height={above} columns={columns.length + 1} />
        {rows.slice(from, to).map((row, index) => (
          <TableRow
            key={row.id}
            row={row}
            index={from + index}
            columns={columns as readonly Column<{ id: string }>[]}
            menu={menu as (row: { id: string }) => ReactNode}
            measure={measure}
          />
        ))}
        <Space height={below} columns={columns.length + 1} />
      </tbody>
    </table>
  );
}

type RowProps = {
  row: { id: string };
  index: number;
  columns: readonly Column<{ id: string }>[];
  menu: (row: { id: string }) => ReactNode;
  measure: ((element: Element | null) => void) | null;
};

const TableRow = memo(function TableRow({ row, index, columns, menu, measure }: RowProps) {
  return (
    <tr role="row" ref={measure} data-index={index} aria-rowindex={index + 2}>
      {columns.map(({ heading, cell, isMain }) => (
        <td key={heading} role="cell" data-label={heading} data-main={isMain}>
          {cell(row)}
        </td>
      ))}
      <td role="cell" data-menu>
        {menu(row)}
      </td>
    </tr>
  );
});

/** Stands for the rows that cannot be seen. */
function Space({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden className={classes.space}>
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
