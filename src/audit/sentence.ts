import type { AuditRow } from '../../projections/audit-trail.js';
import type { AuditAction, AuditDetails } from './audit-details.js';
import type { ExportFilter } from './audit-trail-exported.js';

type Sentence<Details> = (details: Details, target: string, entry: AuditRow) => string;

/** What was done, without who did it. The compiler asks for every action. */
const predicates: { [Action in AuditAction]: Sentence<AuditDetails[Action]> } = {
  AppAdded: (_details, target) => `added ${target}`,
  AppCredentialsViewed: (_details, target) => `viewed the credentials of ${target}`,
  AppDisabled: (_details, target) => `disabled ${target}`,
  AppActivated: (_details, target) => `activated ${target}`,
  AppSecretRotated: ({ hint, expiring }, target, { at }) =>
    `rotated the secret of ${target}; the new one ends in ${hint}${endOfOld(expiring, at)}`,
  AppPermissionsChanged: ({ granted, withdrawn }, target) => permissionsChanged(granted, withdrawn, target),
  AppDeleted: (_details, target) => `deleted ${target}`,
  TokenCreated: ({ expiresAt }, target) => `created ${target}, valid until ${minute(expiresAt)}`,
  TokenRevoked: (_details, target) => `revoked ${target}`,
  TokenExpired: (_details, target) => `recorded that ${target} had expired`,
  TokenDeleted: (_details, target) => `deleted ${target}`,
  AccessDenied: ({ operation, count }, target, { reason, targetId }) =>
    `was refused ${operation}${targetId ? ` of ${target}` : ''}${count > 1 ? ` ${count} times` : ''}: ${reason}`,
  AuditTrailExported: ({ format, filter, after }) =>
    `exported the audit trail as ${format === 'csv' ? 'CSV' : 'JSON Lines'}${asked(filter)}${after ? ', the rest of it' : ''}`,
  PersonalDataErased: ({ personId }) => `erased what told of ${personId}`,
};

/** An entry of the audit trail as one English sentence. */
export function sentenceOf(entry: AuditRow): string {
  const predicate = predicates[entry.action] as Sentence<Record<string, unknown>>;
  const told = `${actorIn(entry)} ${predicate(entry.details, targetIn(entry), entry)}`;
  return told.endsWith('.') ? told : `${told}.`;
}

function actorIn({ actorKind, actorId, actorName }: AuditRow): string {
  if (actorName === null) return actorId;
  if (actorKind === 'SYSTEM') return actorName;
  return actorKind === 'APP' ? `The app ${quoted(actorName)} (${actorId})` : `${actorName} (${actorId})`;
}

function targetIn({ targetType, targetId, targetName }: AuditRow): string {
  const kind = targetType === 'TOKEN' ? 'the token' : 'the app';
  return `${kind} ${targetName === null ? targetId : quoted(targetName)}`;
}

/** A name cannot end its quotation and go on in words of its own. */
const quoted = (name: string) => JSON.stringify(name);

/** 2027-11-28 00:00 UTC */
const minute = (moment: string) => `${moment.slice(0, 16).replace('T', ' ')} UTC`;

function endOfOld(expiring: AuditDetails['AppSecretRotated']['expiring'], at: Date): string {
  const [last] = expiring
    .map(({ expiresAt }) => expiresAt)
    .toSorted()
    .slice(-1);
  if (last === undefined) return '';
  return last > at.toISOString() ? `, the old one works until ${minute(last)}` : ', the old one stopped at once';
}

function permissionsChanged(granted: string[], withdrawn: string[], target: string): string {
  const parts = [
    granted.length > 0 && `granted ${granted.join(' and ')} to ${target}`,
    withdrawn.length > 0 && `withdrew ${withdrawn.join(' and ')} from ${target}`,
  ];
  return parts.filter(Boolean).join(' and ');
}

function asked({ actorId, actions, targetType, targetId, from, to, text }: ExportFilter): string {
  const parts = [
    actorId !== null && `by ${actorId}`,
    actions !== null && `of ${actions.join(', ')}`,
    targetType !== null && `about ${targetType === 'APP' ? 'apps' : 'tokens'}`,
    targetId !== null && `about ${targetId}`,
    from !== null && `from ${from}`,
    to !== null && `before ${to}`,
    text !== null && `with ${quoted(text)}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `, only what is ${parts.join(', ')}` : '';
}
