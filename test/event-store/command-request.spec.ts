import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Operation } from '../../src/auth/access.js';
import type { Caller } from '../../src/auth/caller.js';
import { commandRequest, createdId, eventId, secretIdOf } from '../../src/event-store/command-request.js';
import { AT, caller } from '../support/builders.js';

/** Whatever a text can hold, NUL and halves of pairs included. */
const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const now = new Date(AT);

type Sender = { operation?: Operation; by?: Caller; at?: Date };

const request = (input: object = {}, { operation = 'addApp', by = caller(), at = now }: Sender = {}) =>
  commandRequest({ caller: by, correlationId: 'c', ip: null, userAgent: null }, operation, input, at);

const idOf = (...given: Parameters<typeof request>) => request(...given).commandId;
const digestOf = (...given: Parameters<typeof request>) => request(...given).inputDigest;

describe('a request with an idempotency key (promise: sent again by the same caller it has one effect)', () => {
  const first = idOf({ idempotencyKey: 'key', name: 'Billing' });

  it('has the id that it had the first time', () => {
    expect(first).toMatch(UUID);
    expect(idOf({ idempotencyKey: 'key', name: 'Billing' })).toBe(first);
  });

  it('has that id whatever else differs: the input, the time, the address, the caller’s name and roles', () => {
    expect(idOf({ idempotencyKey: 'key', name: 'Other' }, { at: new Date(0) })).toBe(first);
    const changed = caller({ name: 'Another name', roles: ['ADMINISTRATOR'] });
    const origin = { caller: changed, correlationId: 'other', ip: '10.0.0.1', userAgent: 'curl' };
    expect(commandRequest(origin, 'addApp', { idempotencyKey: 'key' }, now).commandId).toBe(first);
  });

  it.each([
    { other: 'key', id: idOf({ idempotencyKey: 'key2' }) },
    { other: 'key in another letter case', id: idOf({ idempotencyKey: 'Key' }) },
    { other: 'key with a blank', id: idOf({ idempotencyKey: 'key ' }) },
    { other: 'operation', id: idOf({ idempotencyKey: 'key' }, { operation: 'createToken' }) },
    { other: 'caller', id: idOf({ idempotencyKey: 'key' }, { by: caller({ id: 'other' }) }) },
    { other: 'kind of caller', id: idOf({ idempotencyKey: 'key' }, { by: caller({ kind: 'APP' }) }) },
    { other: 'tenant', id: idOf({ idempotencyKey: 'key' }, { by: caller({ tenantId: 'other' }) }) },
  ])('has another id for another $other (promise: nobody meets the command of another)', ({ id }) => {
    expect(id).toMatch(UUID);
    expect(id).not.toBe(first);
  });

  it('does not confuse parts that are split otherwise', () => {
    const one = idOf({ idempotencyKey: 'c' }, { by: caller({ tenantId: 'a', id: 'b","c' }) });
    const two = idOf({ idempotencyKey: 'c' }, { by: caller({ tenantId: 'a","b', id: 'c' }) });
    expect(one).not.toBe(two);
    expect(idOf({ idempotencyKey: 'bc' }, { by: caller({ id: 'a' }) })).not.toBe(
      idOf({ idempotencyKey: 'c' }, { by: caller({ id: 'ab' }) }),
    );
  });

  it('has an id for any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyUnit, minLength: 1 }), (idempotencyKey) => {
        expect(idOf({ idempotencyKey })).toMatch(UUID);
        expect(idOf({ idempotencyKey })).toBe(idOf({ idempotencyKey }));
      }),
    );
    expect(idOf({ idempotencyKey: '\ud800' })).toMatch(UUID);
  });
});

describe('a request without an idempotency key', () => {
  it.each([{ input: {} }, { input: { idempotencyKey: null } }, { input: { idempotencyKey: undefined } }])(
    'is a command of its own each time ($input)',
    ({ input }) => {
      expect(idOf(input)).toMatch(UUID);
      expect(idOf(input)).not.toBe(idOf(input));
    },
  );
});

describe('the digest of an input (promise: the same key with another input is a conflict)', () => {
  const digest = digestOf({ idempotencyKey: 'key', name: 'Billing', description: 'x' });

  it('does not depend on the order of the fields', () => {
    expect(digestOf({ description: 'x', name: 'Billing', idempotencyKey: 'key' })).toBe(digest);
    expect(digestOf({ name: 'a', filter: { a: 1, b: { c: 1, d: 2 } } })).toBe(
      digestOf({ filter: { b: { d: 2, c: 1 }, a: 1 }, name: 'a' }),
    );
  });

  it('does not depend on the key, the caller or the time', () => {
    expect(digestOf({ name: 'Billing', description: 'x' })).toBe(digest);
    expect(digestOf({ idempotencyKey: 'other', name: 'Billing', description: 'x' })).toBe(digest);
    expect(digestOf({ name: 'Billing', description: 'x' }, { by: caller({ id: 'other' }), at: new Date(0) })).toBe(
      digest,
    );
  });

  it('takes null, undefined and a field that is not there for the same', () => {
    expect(digestOf({ name: 'Billing', description: null })).toBe(digestOf({ name: 'Billing' }));
    expect(digestOf({ name: 'Billing', description: undefined })).toBe(digestOf({ name: 'Billing' }));
  });

  it.each([
    { other: 'value', input: { name: 'Billing', description: 'y' } },
    { other: 'letter case', input: { name: 'billing', description: 'x' } },
    { other: 'field', input: { name: 'Billing', note: 'x' } },
    { other: 'number of fields', input: { name: 'Billing' } },
    { other: 'value that is empty', input: { name: 'Billing', description: '' } },
    { other: 'type', input: { name: 'Billing', description: ['x'] } },
  ])('differs by another $other', ({ input }) => {
    expect(digestOf(input)).not.toBe(digest);
  });

  it('differs by the operation', () => {
    expect(digestOf({ id: 'x' }, { operation: 'disableApp' })).not.toBe(
      digestOf({ id: 'x' }, { operation: 'activateApp' }),
    );
  });

  it('tells moments and lists apart', () => {
    const expiresAt = new Date('2026-05-01T00:00:00.000Z');
    expect(digestOf({ expiresAt })).toBe(digestOf({ expiresAt: new Date(expiresAt) }));
    expect(digestOf({ expiresAt })).not.toBe(digestOf({ expiresAt: new Date(expiresAt.getTime() + 1) }));
    expect(digestOf({ grant: ['EXPIRE_TOKENS'] })).not.toBe(digestOf({ withdraw: ['EXPIRE_TOKENS'] }));
    expect(digestOf({ grant: ['EXPIRE_TOKENS'] })).not.toBe(digestOf({ grant: ['INTROSPECT_TOKENS'] }));
    expect(digestOf({ grant: [] })).not.toBe(digestOf({ grant: ['EXPIRE_TOKENS'] }));
  });

  it('shows nothing of the input', () => {
    expect(digest).toMatch(/^[\w-]{43}$/);
  });

  it('is the same for any two inputs that say the same, in any order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
        const turned = Object.fromEntries(Object.entries(input).reverse());
        expect(digestOf(turned)).toBe(digestOf(input));
      }),
    );
  });
});

describe('the ids that are made from a command', () => {
  const sent = request({ idempotencyKey: 'key' });
  const [APP, OTHER_APP] = ['app-1', 'app-2'];

  it('are the same for the same command: what it creates, its secret', () => {
    const again = request({ idempotencyKey: 'key' });
    expect(createdId(again.commandId)).toBe(createdId(sent.commandId));
    expect(secretIdOf(again.commandId, APP)).toBe(secretIdOf(sent.commandId, APP));
  });

  it('are different from each other, from the command and from those of another command', () => {
    const other = request({ idempotencyKey: 'other' });
    const ids = [sent, other].flatMap((each) => [
      each.commandId,
      createdId(each.commandId),
      secretIdOf(each.commandId, APP),
      secretIdOf(each.commandId, OTHER_APP),
      eventId(each, 'latchkey.app-1', 0),
      eventId(each, 'latchkey.app-1', 1),
      eventId(each, 'latchkey.app-2', 0),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(UUID);
  });

  it('are the same for each retry of an append', () => {
    expect(eventId(sent, 'latchkey.app-1', 0)).toBe(eventId(sent, 'latchkey.app-1', 0));
  });
});

describe('what a request carries on', () => {
  it('is where it came from, what is asked and when', () => {
    const by = caller({ id: 'somebody' });
    const origin = { caller: by, correlationId: 'c-1', ip: '10.0.0.1', userAgent: 'curl' };
    expect(commandRequest(origin, 'deleteApp', {}, now)).toMatchObject({ ...origin, operation: 'deleteApp', now });
  });
});

describe('what is asked about an id', () => {
  const id = '0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a';
  const of = (spelled: string) => digestOf({ id: spelled, idempotencyKey: 'key' }, { operation: 'disableApp' });

  it('is the same however the id is spelled', () => {
    expect(of(id.toUpperCase())).toBe(of(id));
    expect(of(id.replace('0a', '0A'))).toBe(of(id));
  });

  it('has the digest that it always had: the log holds them', () => {
    const digest = createHash('sha256').update(`["disableApp",{"id":"${id}"}]`).digest('base64url');
    expect(of(id)).toBe(digest);
  });
});
