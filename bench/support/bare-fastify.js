import fastify from 'fastify';

/** A POST that does nothing: what an endpoint could reach at best. */
const server = fastify();
server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, body),
);
server.get('/health/ready', async () => ({}));
server.post('/oauth/introspect', async () => ({
  active: true,
  iss: 'http://127.0.0.1:3000',
  token_type: 'Bearer',
  kind: 'personal_access_token',
  sub: 'ada',
  username: 'Ada',
  jti: 'lk_id_64zPQj5JTNahUXjPbp6Cmz',
  iat: 1795543886,
  exp: 1827079886,
  tenant_id: 'demo',
}));
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', () => process.exit(0));
