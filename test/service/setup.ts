import { generateKeyRing } from '../../src/secrets/key-ring.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { startIssuer, type Issuer } from '../support/issuer.js';
import { openLog, stores, type Stored } from '../support/log.js';
import { startService, type Answer, type Service } from '../support/service.js';

export type Setup = {
  database: TestDatabase;
  issuer: Issuer;
  /** What a service needs to be one of this installation. */
  env: Record<string, string>;
  ada: string;
  dev: string;
  aud: string;
  start(env?: Record<string, string>): Promise<Service>;
  readLog(): Promise<Stored[]>;
  /** Ends everything, services that a failed spec left running too. */
  end(): Promise<void>;
};

/** An installation: a database, an OpenID provider with an administrator, a developer and an auditor, and keys. */
export async function setUp(): Promise<Setup> {
  const [database, issuer] = await Promise.all([createTestDatabase(), startIssuer()]);
  const [ada, dev, aud] = await Promise.all([
    issuer.token({ id: 'ada', roles: ['administrator'] }),
    issuer.token({ id: 'dev', roles: ['developer'] }),
    issuer.token({ id: 'aud', roles: ['auditor'] }),
  ]);
  const env = {
    ...stores(database),
    OIDC_ISSUER: issuer.url,
    OIDC_AUDIENCE: 'latchkey',
    KEY_RING: await generateKeyRing(),
    LOG_LEVEL: 'warn',
  };
  const log = openLog(env);
  const services: Service[] = [];
  return {
    database,
    issuer,
    env,
    ada,
    dev,
    aud,
    start: async (more = {}) => {
      const service = await startService({ ...env, ...more });
      services.push(service);
      return service;
    },
    readLog: () => log.read(),
    end: async () => {
      await Promise.all(services.map((service) => service.stop('SIGKILL')));
      await log.close();
      await issuer.stop();
      await database.drop();
    },
  };
}

/** Whether it is this instance that projects at the moment. */
export async function isProjecting(service: Service): Promise<boolean> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return /^latchkey_projector_running (\d)/m.exec(text)?.[1] === '1';
}

/** Sends one mutation with its input and answers its payload; any error of it is thrown. */
export async function change(
  service: Pick<Service, 'graphql'>,
  token: string,
  mutation: string,
  input: object,
): Promise<any> {
  const { data, errors } = await send(service, token, mutation, input);
  if (errors) throw new Error(`${mutation}: ${JSON.stringify(errors)}`);
  return data[mutation];
}

/** Sends one mutation with its input and answers whatever comes. */
export function send(
  service: Pick<Service, 'graphql'>,
  token: string,
  mutation: string,
  input: object,
): Promise<Answer> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const text = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selections[mutation]} } }`;
  return service.graphql(token, text, { input });
}

const app = 'position stale app { id name status permissions secrets { id hint expiresAt } }';
const token = 'position stale token { id identifier name status }';
const credentials = 'credentials { clientId clientSecret }';

const selections: Record<string, string> = {
  addApp: `${app} ${credentials}`,
  viewAppCredentials: `${app} ${credentials}`,
  rotateAppSecret: `${app} ${credentials}`,
  disableApp: app,
  activateApp: app,
  changeAppPermissions: app,
  deleteApp: 'position stale id',
  createToken: `${token} value`,
  revokeToken: token,
  revokeTokensOf: 'position stale revokedCount',
  deleteToken: 'position stale id',
  expireTokens: 'position stale expiredCount',
};
