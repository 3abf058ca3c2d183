import type { AppPermission } from '../apps/app.decider.js';
import { DomainError } from '../domain-error.js';
import type { Caller, Role } from './caller.js';

/** Whose things a caller may see or change. */
export type Reach = 'any' | 'own';

type Rule = Readonly<Partial<Record<Role, Reach>>> & { readonly permission?: AppPermission; readonly system?: Reach };

const everybody = { ADMINISTRATOR: 'any', DEVELOPER: 'any', AUDITOR: 'any' } as const;
const editors = { ADMINISTRATOR: 'any', DEVELOPER: 'any' } as const;
const overseers = { ADMINISTRATOR: 'any', AUDITOR: 'any' } as const;

/** Who may do what: operations in rows, roles in columns. What is not listed is refused. */
export const accessRules = {
  app: everybody,
  apps: everybody,
  addApp: editors,
  viewAppCredentials: editors,
  disableApp: editors,
  activateApp: editors,
  rotateAppSecret: editors,
  deleteApp: editors,
  changeAppPermissions: { ADMINISTRATOR: 'any' },
  token: { ADMINISTRATOR: 'any', DEVELOPER: 'own', AUDITOR: 'any' },
  tokens: { ADMINISTRATOR: 'any', DEVELOPER: 'own', AUDITOR: 'any' },
  createToken: { ADMINISTRATOR: 'own', DEVELOPER: 'own' },
  revokeToken: { ADMINISTRATOR: 'any', DEVELOPER: 'own' },
  deleteToken: { ADMINISTRATOR: 'any', DEVELOPER: 'own' },
  revokeTokensOf: { ADMINISTRATOR: 'any' },
  expireTokens: { ADMINISTRATOR: 'any', permission: 'EXPIRE_TOKENS', system: 'any' },
  /** Beside what is asked for: as it was at a past moment. */
  asOf: overseers,
  auditTrail: overseers,
  exportAuditTrail: overseers,
  auditCheckpoint: overseers,
  auditInclusionProof: overseers,
  auditConsistencyProof: overseers,
  projections: overseers,
  credentialsInUse: overseers,
  rebuildProjection: { ADMINISTRATOR: 'any' },
  retryParkedStream: { ADMINISTRATOR: 'any' },
  erasePersonalData: { ADMINISTRATOR: 'any' },
} as const satisfies Record<string, Rule>;

export type Operation = keyof typeof accessRules;

/** How far the caller's roles reach for an operation; the widest of them counts. */
export function authorise(caller: Caller, operation: Operation): Reach {
  const rule: Rule = accessRules[operation];
  const reaches = caller.roles.map((role) => rule[role]);
  if (caller.kind === 'SYSTEM') reaches.push(rule.system);
  if (rule.permission && caller.permissions.includes(rule.permission)) reaches.push('any');

  if (reaches.includes('any')) return 'any';
  if (reaches.includes('own')) return 'own';
  throw new DomainError('FORBIDDEN', `You may not use ${operation}.`);
}
