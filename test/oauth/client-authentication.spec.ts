import { setImmediate as nextTurn } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { AppCredentials } from '../../projections/credentials.js';
import type { AccessDenials } from '../../src/audit/access-denials.js';
import { Metrics } from '../../src/metrics.js';
import { ClientAuthentication, type OAuthRequest } from '../../src/oauth/client-authentication.js';
import type { CredentialLookups } from '../../src/oauth/credential-lookups.js';
import { FailedAttempts } from '../../src/oauth/failed-attempts.js';
import { parseForm } from '../../src/oauth/form.js';
import { InvalidClient, TooManyFailures } from '../../src/oauth/oauth-error.js';
import { Pepper } from '../../src/secrets/pepper.js';
import type { LastUse } from '../../src/usage/last-use.js';
import { keysOf, ringOf } from '../support/keys.js';

/** Promises (oauth.md): whoever knows a secret that holds is the app, nobody else is, and nobody learns which apps there are. */

const START = Date.parse('2026-03-01T12:00:00.000Z');
const CLIENT_ID = `lk_app_${'3'.repeat(22)}`;
const at = (milliseconds: number) => new Date(START + milliseconds).toISOString();

let now: number;
let row: AppCredentials | null;
let asked: string[];
let denied: string[];
let used: string[];
let pepper: Pepper;
let clients: ClientAuthentication;

const secretOf = (secret: string, expiresAt: string | null = null, by = pepper) => ({
  id: secret,
  hint: 'abcd',
  ...by.hash(secret),
  createdAt: at(-1_000),
  expiresAt,
});

beforeEach(() => {
  now = START;
  [asked, denied, used] = [[], [], []];
  const clock = { now: () => new Date(now) };
  pepper = new Pepper(keysOf(ringOf({ pepper: ['pepper-2', 'pepper-1'] }), clock.now));
  row = {
    id: '11111111-1111-4111-8111-111111111111',
    clientId: CLIENT_ID,
    name: 'Billing',
    tenantId: 'demo',
    status: 'ACTIVE',
    permissions: [],
    secrets: [secretOf('old', at(60_000)), secretOf('new')],
  } as unknown as AppCredentials;
  const lookups = { app: (id: string) => (asked.push(id), Promise.resolve(id === CLIENT_ID ? row : null)) };
  const denials = { record: (_origin: unknown, _operation: string, { code }: { code: string }) => denied.push(code) };
  const lastUse = { record: (_kind: string, { id }: AppCredentials) => used.push(id) };
  clients = new ClientAuthentication(
    lookups as unknown as CredentialLookups,
    pepper,
    new FailedAttempts(clock),
    denials as unknown as AccessDenials,
    clock,
    new Metrics(),
    lastUse as unknown as LastUse,
  );
});

// What is recorded after an answer belongs to the spec that asked.
afterEach(() => nextTurn());

function authenticate(secret: string, clientId = CLIENT_ID): Promise<AppCredentials> {
  const body = parseForm(new URLSearchParams({ client_id: clientId, client_secret: secret }).toString());
  const request = { headers: {}, body, ip: '192.0.2.1', id: 'request' } as unknown as OAuthRequest;
  return clients.authenticate(request, 'requestAccessToken');
}

describe('a secret', () => {
  it('holds as long as it has no end, and one that has until exactly then', async () => {
    now = START + 59_999;
    expect(await authenticate('old')).toBe(row);
    now = START + 60_000;
    await expect(authenticate('old')).rejects.toThrow(InvalidClient);
    expect(await authenticate('new')).toBe(row);
  });

  it('holds whichever pepper of the ring it is stored under, and no other', async () => {
    const before = new Pepper(keysOf(ringOf({ pepper: ['pepper-1'] })));
    const unknown = new Pepper(keysOf(ringOf({ pepper: ['pepper-0'] })));
    row!.secrets = [secretOf('first', null, before), secretOf('lost', null, unknown)];
    expect(await authenticate('first')).toBe(row);
    await expect(authenticate('lost')).rejects.toThrow(InvalidClient);
  });

  it.each(['', 'x', 'newer', 'ne', 'NEW', 'new\0'])('is not "%s"', async (wrong) => {
    await expect(authenticate(wrong)).rejects.toThrow(InvalidClient);
  });

  it('of an app that has none is none', async () => {
    row!.secrets = [];
    await expect(authenticate('undefined')).rejects.toThrow(InvalidClient);
  });

  it('that is right is a use of the app, one that is wrong is none and is on the audit trail', async () => {
    await authenticate('new');
    expect([used, denied]).toEqual([[row!.id], []]);
    await expect(authenticate('wrong')).rejects.toThrow(InvalidClient);
    expect(denied).toEqual([]);
    await nextTurn();
    expect([used, denied]).toEqual([[row!.id], ['UNAUTHENTICATED']]);
  });

  it('that is right is of no use while the app is disabled', async () => {
    row!.status = 'DISABLED';
    await expect(authenticate('new')).rejects.toThrow(InvalidClient);
    expect([used, denied]).toEqual([[], ['APP_DISABLED']]);
  });

  it('that is right is never refused for those that were wrong', async () => {
    const wrong = await Promise.all(
      Array.from({ length: 200 }, () => authenticate('wrong').catch((error: unknown) => error)),
    );
    expect(wrong.filter((error) => error instanceof TooManyFailures)).toHaveLength(180);
    expect(await authenticate('new')).toBe(row);
  });
});

describe('a client that does not exist', () => {
  it.each([`lk_app_${'4'.repeat(22)}`, 'lk_app_', 'nonsense', 'a\0b', 'x'.repeat(10_000)])(
    'costs a look-up and a hash like one that does, and tells nothing else (case %#)',
    async (clientId) => {
      const hashes = jest.spyOn(pepper, 'hashes');
      const unknown = await authenticate('wrong', clientId).catch((error: unknown) => error);
      const known = await authenticate('wrong').catch((error: unknown) => error);
      expect(unknown).toEqual(known);
      expect(asked).toHaveLength(2);
      expect(asked[0]).toMatch(/^lk_app_\w{22}$/);
      expect(hashes.mock.calls).toEqual([['wrong'], ['wrong']]);
      await nextTurn();
      expect(denied).toHaveLength(1);
    },
  );
});
