import fastify from 'fastify';
import pg from 'pg';
import { LOOK_UP } from '../../dist/projections/credentials.js';
import { Gather, LOOK_UP_LIMITS } from '../../dist/src/gather.js';

/** A POST that does nothing but look up the app and the hash that its form names: what an endpoint without a cache could reach. */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const lookUps = new Gather(async (forms) => {
  const values = [[forms[0].get('client')], forms.map((form) => form.get('token'))];
  const { rows } = await pool.query({ name: 'credentials', text: LOOK_UP, values });
  const found = new Set(rows[0].tokens?.map((token) => token[8]));
  return forms.map((form) => ({ active: rows[0].apps !== null && found.has(form.get('token')) }));
}, LOOK_UP_LIMITS);

const server = fastify();
server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, new globalThis.URLSearchParams(body)),
);
server.get('/health/ready', async () => ({}));
server.post('/oauth/introspect', (request) => lookUps.request(request.body));
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', () => process.exit(0));
