import { randomUUID } from 'node:crypto';
import pg from 'pg';

export type TestDatabase = {
  url: string;
  query: (text: string, values?: unknown[]) => Promise<any[]>;
  drop: () => Promise<void>;
};

/** An empty database of its own in the real PostgreSQL that the run started. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = new URL(process.env['TEST_POSTGRES_URL'] ?? '');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(server.href, (client) => client.query(`create database ${name}`));
  const url = new URL(server);
  url.pathname = name;
  return {
    url: url.href,
    query: async (text, values) => (await withClient(url.href, (client) => client.query(text, values))).rows,
    drop: async () => {
      await withClient(server.href, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

async function withClient<Result>(
  connectionString: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
