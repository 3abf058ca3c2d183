import type { AuditRow } from '../../projections/audit-trail.js';
import { sentenceOf } from '../../src/audit/sentence.js';

const entry = (change: Partial<AuditRow>): AuditRow => ({
  id: 'e',
  tenantId: 'acme',
  logOrder: '1',
  position: '1',
  at: new Date('2026-11-28T00:00:00Z'),
  action: 'AppAdded',
  actorKind: 'USER',
  actorId: 'ada',
  actorName: 'Ada',
  targetType: 'APP',
  targetId: '11111111-1111-4111-8111-111111111111',
  targetName: 'Billing',
  reason: null,
  ip: null,
  userAgent: null,
  commitment: null,
  salt: null,
  correlationId: 'c',
  details: {},
  leafIndex: null,
  leafHash: null,
  ...change,
});

const token = { targetType: 'TOKEN', targetName: 'CI' } as const;
const denied = { operation: 'deleteApp', code: 'FORBIDDEN', count: 1, from: '2026-11-28T00:00:00.000Z' };
const nothing = { actorId: null, actions: null, targetType: null, targetId: null, from: null, to: null, text: null };
const expiring = (expiresAt: string) => [{ id: 's', expiresAt }];
const exported = { action: 'AuditTrailExported', targetType: null, targetId: null, targetName: null } as const;

describe('the sentence of an entry', () => {
  it.each<[string, Partial<AuditRow>]>([
    ['Ada (ada) added the app "Billing".', { action: 'AppAdded' }],
    ['Ada (ada) viewed the credentials of the app "Billing".', { action: 'AppCredentialsViewed' }],
    ['Ada (ada) disabled the app "Billing".', { action: 'AppDisabled' }],
    ['Ada (ada) activated the app "Billing".', { action: 'AppActivated' }],
    ['Ada (ada) deleted the app "Billing".', { action: 'AppDeleted' }],
    [
      'Ada (ada) rotated the secret of the app "Billing"; the new one ends in abcd, the old one works until 2026-11-29 00:00 UTC.',
      { action: 'AppSecretRotated', details: { hint: 'abcd', expiring: expiring('2026-11-29T00:00:00.000Z') } },
    ],
    [
      'Ada (ada) rotated the secret of the app "Billing"; the new one ends in abcd, the old one stopped at once.',
      { action: 'AppSecretRotated', details: { hint: 'abcd', expiring: expiring('2026-11-28T00:00:00.000Z') } },
    ],
    [
      'Ada (ada) granted INTROSPECT_TOKENS to the app "Billing" and withdrew EXPIRE_TOKENS from the app "Billing".',
      {
        action: 'AppPermissionsChanged',
        details: { granted: ['INTROSPECT_TOKENS'], withdrawn: ['EXPIRE_TOKENS'] },
      },
    ],
    [
      'Ada (ada) withdrew EXPIRE_TOKENS from the app "Billing".',
      { action: 'AppPermissionsChanged', details: { granted: [], withdrawn: ['EXPIRE_TOKENS'] } },
    ],
    [
      'Ada (ada) created the token "CI", valid until 2027-11-28 00:00 UTC.',
      { ...token, action: 'TokenCreated', details: { expiresAt: '2027-11-28T00:00:00.000Z' } },
    ],
    ['Ada (ada) revoked the token "CI".', { ...token, action: 'TokenRevoked' }],
    ['Ada (ada) deleted the token "CI".', { ...token, action: 'TokenDeleted' }],
    [
      'Latchkey recorded that the token "CI" had expired.',
      { ...token, action: 'TokenExpired', actorKind: 'SYSTEM', actorId: 'latchkey', actorName: 'Latchkey' },
    ],
    [
      'The app "Nightly" (lk_app_1) recorded that the token "CI" had expired.',
      { ...token, action: 'TokenExpired', actorKind: 'APP', actorId: 'lk_app_1', actorName: 'Nightly' },
    ],
    [
      'Ada (ada) was refused deleteApp of the app "Billing": You may not use deleteApp.',
      { action: 'AccessDenied', reason: 'You may not use deleteApp.', details: denied },
    ],
    [
      'Ada (ada) was refused deleteApp of the app 11111111-1111-4111-8111-111111111111 7 times: You may not use deleteApp.',
      {
        action: 'AccessDenied',
        targetName: null,
        reason: 'You may not use deleteApp.',
        details: { ...denied, count: 7 },
      },
    ],
    [
      'Ada (ada) was refused apps: You may not use apps.',
      {
        action: 'AccessDenied',
        targetId: null,
        targetName: null,
        reason: 'You may not use apps.',
        details: { ...denied, operation: 'apps' },
      },
    ],
    [
      'Ada (ada) exported the audit trail as CSV.',
      { ...exported, details: { format: 'csv', filter: nothing, after: null } },
    ],
    [
      'Ada (ada) exported the audit trail as JSON Lines, only what is by bob, of AppAdded, about apps, from 2026-01-01T00:00:00.000Z, with "a \\"b\\"", the rest of it.',
      {
        ...exported,
        details: {
          format: 'jsonl',
          after: '12',
          filter: {
            ...nothing,
            actorId: 'bob',
            actions: ['AppAdded'],
            targetType: 'APP',
            from: '2026-01-01T00:00:00.000Z',
            text: 'a "b"',
          },
        },
      },
    ],
  ])('is: %s', (sentence, change) => {
    expect(sentenceOf(entry(change))).toBe(sentence);
  });

  it('does not let a name pass for more than a name', () => {
    expect(sentenceOf(entry({ targetName: 'A". Ada (ada) deleted the app "B' }))).toBe(
      'Ada (ada) added the app "A\\". Ada (ada) deleted the app \\"B".',
    );
  });
});
