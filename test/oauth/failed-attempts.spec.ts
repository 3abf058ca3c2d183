import { FailedAttempts } from '../../src/oauth/failed-attempts.js';

/** Promise (oauth.md): client authentication is protected against brute force. */

const PER_CLIENT = 20;
const PER_ADDRESS = 60;

let now: number;
let failures: FailedAttempts;

beforeEach(() => {
  now = Date.parse('2026-03-01T12:00:00.000Z');
  failures = new FailedAttempts({ now: () => new Date(now) });
});

let addresses = 0;
const anyAddress = () => `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses++ & 255}`;
const times = (count: number, fail: (index: number) => number | null) =>
  Array.from({ length: count }, (_, n) => fail(n));
const refusals = (waits: (number | null)[]) => waits.filter((wait) => wait !== null).length;

describe('failures of one client, from wherever', () => {
  it('are let pass up to a number, then refused until the window ends', () => {
    expect(refusals(times(PER_CLIENT, () => failures.add('client', anyAddress())))).toBe(0);
    expect(failures.add('client', anyAddress())).toBe(60);
    now += 45_500;
    expect(failures.add('client', anyAddress())).toBe(15);
    now += 14_499;
    expect(failures.add('client', anyAddress())).toBe(1);
  });

  it('are counted from the beginning once the window has ended', () => {
    times(PER_CLIENT + 5, () => failures.add('client', anyAddress()));
    now += 60_000;
    expect(refusals(times(PER_CLIENT, () => failures.add('client', anyAddress())))).toBe(0);
    expect(failures.add('client', anyAddress())).toBe(60);
  });

  it('do not touch another client', () => {
    times(PER_CLIENT + 5, () => failures.add('client', anyAddress()));
    expect(failures.add('another', anyAddress())).toBeNull();
  });
});

describe('failures from one address, of whichever client', () => {
  it('are let pass up to a number, then refused', () => {
    const fail = (index: number) => failures.add(`client-${index}`, '192.0.2.1');
    expect(refusals(times(PER_ADDRESS, fail))).toBe(0);
    expect(failures.add('yet another', '192.0.2.1')).toBe(60);
    expect(failures.add('yet another', '192.0.2.2')).toBeNull();
  });

  it('are counted also when they name no client', () => {
    expect(refusals(times(PER_ADDRESS, () => failures.add(null, '192.0.2.1')))).toBe(0);
    expect(failures.add(null, '192.0.2.1')).toBe(60);
  });

  it.each([
    ['another address of the network', '2001:db8:1:2:ffff::9'],
    ['the address in full', '2001:0DB8:0001:0002:0000:0000:0000:0001'],
    ['with the end in IPv4 style', '2001:db8:1:2::1.2.3.4'],
    ['with a zone', '2001:db8:1:2::1%eth0'],
  ])('are those of its IPv6 network: %s', (_what, address) => {
    times(PER_ADDRESS, (index) => failures.add(`client-${index}`, '2001:db8:1:2::1'));
    expect(failures.add('client', address)).toBe(60);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['::1', '1::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['192.0.2.1', '192.0.2.2'],
  ])('are not those of another network: %s and %s', (one, other) => {
    times(PER_ADDRESS + 1, (index) => failures.add(`client-${index}`, one));
    expect(failures.add('client', other)).toBeNull();
  });

  it.each(['::', '::1', '1::', '1:2:3:4:5:6:7:8', '1::8', 'fe80::1%eth0', 'unknown', ''])(
    'are counted whatever it is written like: "%s"',
    (address) => {
      times(PER_ADDRESS, () => failures.add(null, address));
      expect(failures.add(null, address)).toBe(60);
    },
  );
});

describe('failures from what is no address', () => {
  it('are those of one, however many there are and however long', () => {
    times(PER_ADDRESS, (index) => failures.add(null, `${'x'.repeat(index * 100)}, 192.0.2.${index}`));
    expect(failures.add(null, 'something else')).toBe(60);
  });
});

describe('the longer of two waits', () => {
  it('is told', () => {
    times(PER_ADDRESS, () => failures.add(null, '192.0.2.1'));
    now += 30_000;
    times(PER_CLIENT, () => failures.add('client', anyAddress()));
    expect(failures.add('client', '192.0.2.1')).toBe(60);
  });
});

describe('a clock that steps back', () => {
  it('does not make the wait longer than it was by more than the step', () => {
    times(PER_CLIENT, () => failures.add('client', anyAddress()));
    now -= 5_000;
    expect(failures.add('client', anyAddress())).toBe(65);
  });
});

describe('failures of ever new clients', () => {
  it('are forgotten from the oldest on, the latest are not', () => {
    times(PER_CLIENT, () => failures.add('first', anyAddress()));
    times(9_999, (index) => failures.add(`other-${index}`, anyAddress()));
    expect(failures.add('first', anyAddress())).toBe(60);
    failures.add('one more', anyAddress());
    expect(failures.add('first', anyAddress())).toBeNull();
  });
});
