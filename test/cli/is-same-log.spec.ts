import { isSameLog } from '../../src/cli/is-same-log.js';

describe('two addresses', () => {
  it.each([
    ['postgres://a:secret@db/log', 'postgresql://b@DB:5432/log?sslmode=require'],
    ['postgres://a:s@cr/e?t@db/log', 'postgres://a:s@cr/e?t@db/log'],
    ['postgres:///log?host=/run/postgresql', 'postgres:///log?host=/run/postgresql'],
    ['esdb://admin:changeit@node:2113', 'kurrentdb://ops:secret@node/?tls=false'],
    ['esdb+discover://admin:changeit@one:2113,two', 'kdb://admin:changeit@two:2113,one'],
  ])('%s and %s name the same log', (a, b) => expect(isSameLog(a, b)).toBe(true));

  it.each([
    ['postgres://a:b@db/log', 'postgres://a:b@db/other'],
    ['postgres://a:b@db/log', 'postgres://a:b@db:5433/log'],
    ['postgres:///log?host=/run/one', 'postgres:///log?host=/run/two'],
    ['esdb://a:b@one', 'esdb://a:b@two'],
    ['esdb://a:b@one:2113', 'esdb://a:b@one:2114'],
    ['postgres://a:b@one:2113', 'esdb://a:b@one:2113'],
  ])('%s and %s do not', (a, b) => expect(isSameLog(a, b)).toBe(false));
});
