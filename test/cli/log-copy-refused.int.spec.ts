import { latchkey } from '../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { startEventStoreDb, type EventStoreDb } from '../support/eventstoredb.js';

let database: TestDatabase;
let server: EventStoreDb;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startEventStoreDb();
});

afterAll(async () => {
  await server.stop();
  await database.drop();
});

const copy = (from: string, to: string) => ['log', 'copy', '--from', from, '--to', to];

describe('latchkey log copy', () => {
  describe('asked wrongly', () => {
    it.each([
      [['log', 'copy'], '--from is missing.\n'],
      [['log', 'copy', '--from', 'postgres://u:secret@host/log'], '--to is missing.\n'],
      [copy('mysql://u:secret@host/log', 'esdb://host'), /^--from must be an address such as .*\n$/],
      [copy('esdb://host', 'u:secret@host'), /^--to must be an address such as .*\n$/],
      [
        [...copy('esdb://host', 'postgres://u:secret@host/log'), '--prefix', 'Ö'],
        /^--prefix must be up to 50 lower-case letters/,
      ],
      [copy('postgres://u:secret@host/log', 'postgresql://other@host:5432/log'), '--from and --to are the same log.\n'],
      [['log', 'copy', 'postgres://u:secret@host/log', 'esdb://host'], /takes options only/],
      [['log', 'copy', '--form=postgres://u:secret@host/log'], /^Unknown option '--form'\./],
      [['copy', 'postgres://u:secret@host/log'], /^There is no such command/],
    ])('ends with 2 and shows no password: %j', async (args, sentence) => {
      const { code, stdout, stderr } = await latchkey(args);

      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      if (typeof sentence === 'string') expect(stderr).toBe(sentence);
      else expect(stderr).toMatch(sentence);
      expect(stderr).not.toContain('secret');
    });
  });

  describe('that cannot open a store', () => {
    const wrongUser = () => {
      const url = new URL(database.url);
      url.username = 'nobody';
      url.password = 'secret';
      return url.href;
    };

    it.each([
      ['source', () => copy('postgres://u:secret@127.0.0.1:1/log', server.url), 'It cannot be reached.'],
      ['source', () => copy('postgres://u:secret@localhost:1/log', server.url), 'It cannot be reached.'],
      ['source', () => copy('postgres://u:secret@no.invalid/log', server.url), 'It cannot be reached.'],
      [
        'source',
        () => copy('esdb://u:secret@127.0.0.1:1?tls=false', database.url),
        /^The event store cannot be reached: .+\.$/,
      ],
      [
        'source',
        () => copy('kurrentdb://u:secret@127.0.0.1:1?tls=false', database.url),
        /^The event store cannot be reached: .+\.$/,
      ],
      [
        'target',
        () => copy(database.url, 'esdb://u:secret@127.0.0.1:1?tls=false'),
        /^The event store cannot be reached: .+\.$/,
      ],
      ['target', () => copy(server.url, 'postgres://u:secret@127.0.0.1:1/log'), 'It cannot be reached.'],
      ['target', () => copy(server.url, wrongUser()), /password authentication failed|role "nobody"/],
      ['target', () => copy(server.url, 'postgres://u:secret@host:port/log'), /Invalid URL/],
      ['target', () => copy(server.url, `postgres://u:secret%zz@no.invalid/log`), 'It cannot be reached.'],
      ['target', () => copy(database.url, 'esdb://u:secret@host:port'), /It is no connection string such as/],
      ['target', () => copy(database.url, 'esdb://secret@host'), /It names no user/],
    ])('ends with 1 and a sentence without a password: %s, %s', async (side, args, reason) => {
      const { code, stdout, stderr } = await latchkey(args());

      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      const [, told] = new RegExp(`^The ${side} cannot be opened\\. (.*)\n$`).exec(stderr) ?? [];
      if (typeof reason === 'string') expect(told).toBe(reason);
      else expect(told).toMatch(reason);
      expect(stderr).not.toContain('secret');
    });
  });
});
