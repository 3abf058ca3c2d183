import { Pool } from 'pg';
import { BoundedClient } from '../../postgres/bounded-client.js';
import { Listener } from '../../postgres/listener.js';
import type { EventStore } from '../event-store.js';
import { LogNews } from './log-news.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { logSchema } from './postgres-log.sql.js';

/** Opens the log in PostgreSQL and brings its schema up to date. */
export async function openPostgres(url: string, streamPrefix: string): Promise<EventStore> {
  const pool = new Pool({
    Client: BoundedClient,
    connectionString: url,
    application_name: 'latchkey-log',
    // What an append reads once it has the lock must be what others have committed, whatever the server's default is.
    options: '-c default_transaction_isolation=read\\ committed',
    max: 6,
    connectionTimeoutMillis: 3_000,
    query_timeout: 5_000,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    await pool.query(logSchema);
  } catch (error) {
    await pool.end();
    throw error;
  }

  const news = new LogNews();
  const listener = new Listener(url, 'latchkey_log', () => news.publish());
  return new PostgresEventStore(pool, news, streamPrefix, () => listener.close());
}
