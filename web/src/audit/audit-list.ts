import { useParameters } from '../address.js';
import { usePages } from '../common/pages.js';
import {
  AuditTrailDocument,
  type AuditAction,
  type AuditFilter,
  type AuditRowFragment,
  type AuditTargetType,
} from '../graphql/operations.generated.js';
import { useService } from '../service.js';
import { strings } from '../strings.js';

export type Entry = AuditRowFragment;

const { actions, filters } = strings.audit;

/** The parameters of the address that filter the trail; the export of the service calls them the same. */
export const filterNames = ['text', 'action', 'actorId', 'targetType', 'targetId', 'from', 'to'] as const;
export type FilterName = (typeof filterNames)[number];
export type Filters = Readonly<Record<FilterName, string>>;

/** Which part of the audit trail the address asks for. */
export function useFilters() {
  const [parameters, setParameters] = useParameters();
  const values = Object.fromEntries(filterNames.map((name) => [name, parameters.get(name) ?? ''])) as Filters;
  return {
    values,
    isFiltered: filterNames.some((name) => values[name] !== ''),
    change: (change: Partial<Filters>) => setParameters(change),
    clear: () => setParameters(Object.fromEntries(filterNames.map((name) => [name, null]))),
  };
}

export function useAuditTrail(values: Filters) {
  const { request } = useService();
  const filter = filterOf(values);
  return usePages<Entry>(['audit', filter], async (page, signal) => {
    const { auditTrail } = await request(AuditTrailDocument, { filter, ...page }, signal);
    return auditTrail;
  });
}

function filterOf({ text, action, actorId, targetType, targetId, from, to }: Filters): AuditFilter {
  return {
    ...(text && { text }),
    ...(Object.hasOwn(actions, action) && { actions: [action as AuditAction] }),
    ...(actorId && { actorId }),
    ...(Object.hasOwn(filters.targetTypes, targetType) && { targetType: targetType as AuditTargetType }),
    ...(targetId && { targetId }),
    ...(isMoment(from) && { from: new Date(from).toISOString() }),
    ...(isMoment(to) && { to: new Date(to).toISOString() }),
  };
}

const isMoment = (text: string) => text !== '' && !Number.isNaN(Date.parse(text));
