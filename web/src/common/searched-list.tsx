import type { ReactNode } from 'react';
import type { Column } from './data-table.js';
import { ListControls, type Person } from './list-controls.js';
import type { ListQuestion } from './list-question.js';
import { Nothing } from './nothing.js';
import { PagedTable } from './paged-table.js';
import type { PagedRows } from './pages.js';

type Texts<Status extends string, Order extends string> = {
  heading: string;
  search: string;
  statuses: Readonly<Record<Status, string>>;
  orders: Readonly<Record<Order, string>>;
  failed: string;
  nothingFound: string;
  empty: string;
  emptyText: string;
  emptyReader: string;
};

type Props<Row, Status extends string, Order extends string> = {
  texts: Texts<Status, Order>;
  question: ListQuestion<Status, Order>;
  list: PagedRows<Row>;
  columns: readonly Column<Row>[];
  menu: (row: Row) => ReactNode;
  /** Whether whoever looks can fill it. */
  mayAdd: boolean;
};

/** What people have made: with search, filters and order, and a menu for each row. */
export function SearchedList<
  Row extends { id: string; createdBy: Person },
  Status extends string,
  Order extends string,
>(props: Props<Row, Status, Order>) {
  const { texts, question, list, columns, menu, mayAdd } = props;
  const text = mayAdd ? texts.emptyText : texts.emptyReader;
  return (
    <>
      <ListControls
        question={question}
        searchLabel={texts.search}
        statuses={texts.statuses}
        orders={texts.orders}
        people={list.rows.map(({ createdBy }) => createdBy)}
      />
      <PagedTable
        label={texts.heading}
        list={list}
        columns={columns}
        menu={menu}
        failed={texts.failed}
        empty={<Nothing question={question} nothingFound={texts.nothingFound} title={texts.empty} text={text} />}
      />
    </>
  );
}
