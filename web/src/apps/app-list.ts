import { usePages } from '../common/pages.js';
import { useListQuestion } from '../common/list-question.js';
import { AppsDocument, type AppFilter, type AppOrder, type AppRowFragment } from '../graphql/operations.generated.js';
import { useService } from '../service.js';
import { strings } from '../strings.js';

export type App = AppRowFragment;

export const APPS = 'apps';

const { statuses, orders } = strings.apps;
type Status = keyof typeof statuses;
type Order = keyof typeof orders;

const sorting: Readonly<Record<Order, AppOrder>> = {
  newest: { field: 'CREATED_AT', direction: 'DESC' },
  oldest: { field: 'CREATED_AT', direction: 'ASC' },
  name: { field: 'NAME', direction: 'ASC' },
  'name-descending': { field: 'NAME', direction: 'DESC' },
  changed: { field: 'UPDATED_AT', direction: 'DESC' },
};

/** The apps that the address asks for. */
export function useApps(asOf: string | null) {
  const { request } = useService();
  const question = useListQuestion<Status, Order>(APPS, statuses, orders);
  const filter: AppFilter = {
    ...(question.text && { name: question.text }),
    ...(question.status && { status: [question.status] }),
    ...(question.createdBy && { createdBy: question.createdBy }),
  };
  const orderBy = sorting[question.order];
  const list = usePages<App>([APPS, filter, orderBy, asOf], async (page, signal) => {
    const { apps } = await request(AppsDocument, { filter, orderBy, asOf, ...page }, signal);
    return apps;
  });
  return { question, list };
}
