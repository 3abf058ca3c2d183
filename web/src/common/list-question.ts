import { useParameters } from '../address.js';

/** What is asked of a list, as it is in the address. */
export type ListQuestion<Status extends string, Order extends string> = {
  text: string;
  status: Status | null;
  createdBy: string;
  order: Order;
  isFiltered: boolean;
  change: (change: Partial<{ text: string; status: string; createdBy: string; order: string }>) => void;
  clear: () => void;
};

/** `list` begins the names of its parameters; the first of the orders is the usual one. */
export function useListQuestion<Status extends string, Order extends string>(
  list: string,
  statuses: Readonly<Record<Status, string>>,
  orders: Readonly<Record<Order, string>>,
): ListQuestion<Status, Order> {
  const [parameters, setParameters] = useParameters();
  const [usual] = Object.keys(orders) as [Order, ...Order[]];
  const given = (name: string) => parameters.get(`${list}-${name}`) ?? '';
  const text = given('search');
  const status = memberOf(statuses, given('status'));
  const createdBy = given('by');
  const set = (change: Readonly<Record<string, string | undefined>>) => {
    const present = Object.entries(change).filter(([, value]) => value !== undefined);
    setParameters(Object.fromEntries(present.map(([name, value]) => [`${list}-${name}`, value ?? null])));
  };
  return {
    text,
    status,
    createdBy,
    order: memberOf(orders, given('order')) ?? usual,
    isFiltered: text !== '' || status !== null || createdBy !== '',
    change: ({ order, text: search, status: wanted, createdBy: by }) =>
      set({ search, status: wanted, by, order: order === usual ? '' : order }),
    clear: () => set({ search: '', status: '', by: '', order: '' }),
  };
}

const memberOf = <Key extends string>(record: Readonly<Record<Key, string>>, key: string): Key | null =>
  Object.hasOwn(record, key) ? (key as Key) : null;
