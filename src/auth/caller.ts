import type { AppPermission } from '../apps/app.decider.js';
import type { Actor } from '../event-store/event-store.js';

export const roles = ['ADMINISTRATOR', 'DEVELOPER', 'AUDITOR'] as const;
export type Role = (typeof roles)[number];

/** Who is calling, as verified: everything that is decided about a request starts from here. */
export type Caller = Actor & { tenantId: string; roles: Role[]; permissions: AppPermission[] };

/** The service itself, when a job of its own acts on a tenant. */
export const systemCaller = (tenantId: string): Caller => ({
  kind: 'SYSTEM',
  id: 'latchkey',
  name: 'Latchkey',
  tenantId,
  roles: [],
  permissions: [],
});

/** An app that has shown its own credentials, or an access token that it was given. */
export const appCaller = ({ clientId, name, tenantId, permissions }: AuthenticatedApp): Caller => ({
  kind: 'APP',
  id: clientId,
  name,
  tenantId,
  roles: [],
  permissions,
});

type AuthenticatedApp = { clientId: string; name: string; tenantId: string; permissions: AppPermission[] };

export const actorOf = ({ kind, id, name }: Caller): Actor => ({ kind, id, name });
