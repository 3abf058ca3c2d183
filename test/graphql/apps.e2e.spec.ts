import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { startIssuer, type Issuer } from '../support/issuer.js';
import { startService, type Service } from '../support/service.js';

let database: TestDatabase;
let issuer: Issuer;
let service: Service;

beforeAll(async () => {
  database = await createTestDatabase();
  issuer = await startIssuer();
  service = await startService({ DATABASE_URL: database.url, OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: 'latchkey' });
});

afterAll(async () => {
  await service.stop();
  await issuer.stop();
  await database.drop();
});

describe('an app that was added', () => {
  it('is in the list that the same client asks for next', async () => {
    const token = await issuer.token({ id: 'dev' });
    const added = await service.graphql(token, 'mutation { addApp(input: { name: "Billing" }) { app { id } stale } }');
    expect(added.errors).toBeUndefined();
    const { data } = await service.graphql(token, '{ apps { nodes { id name } } }');
    expect(data.apps.nodes).toEqual([{ id: added.data.addApp.app.id, name: 'Billing' }]);
  });
});
