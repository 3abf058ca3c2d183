import { existsSync, readFileSync } from 'node:fs';
import { readEnvironment } from '../../src/config.js';
import { generateKeyRing } from '../../src/secrets/key-ring.js';
import {
  environmentOf,
  interpolate,
  isOneShot,
  mountsOf,
  parseCompose,
  schemaFaultsOf,
  variablesIn,
  type ComposeFile,
} from './compose-file.js';

/**
 * Nothing starts the containers here, so docker-compose.yml is held to the specification's schema and to what matters to us. Each rule
 * is also shown a file that breaks it.
 */

const text = readFileSync('docker-compose.yml', 'utf8');
const readme = readFileSync('README.md', 'utf8');

const values = {
  POSTGRES_PASSWORD: 'p1',
  EVENT_STORE_PASSWORD: 'p2',
  EVENT_STORE_ADMIN_PASSWORD: 'p3',
  EVENT_STORE_OPS_PASSWORD: 'p4',
  OIDC_ISSUER: 'https://id.example.com',
  OIDC_AUDIENCE: 'tokens',
  KEY_RING: await generateKeyRing(),
};

type Given = { text: string; file: ComposeFile };
type Rule = {
  promise: string;
  /** What is wrong with a file; nothing when it keeps the promise. */
  problems: (given: Given) => string[];
  breakages: { broken: string; from: string; to: string }[];
};

const services = ({ services }: ComposeFile) => Object.entries(services).map(([name, service]) => ({ name, service }));
const instances = (file: ComposeFile) => services(file).filter(({ name }) => name.startsWith('latchkey'));
const variableOf = (value = '') => variablesIn(value).map(({ name }) => name);

const rules: Rule[] = [
  {
    promise: 'is a Compose file',
    problems: ({ file }) => schemaFaultsOf(file),
    breakages: [
      { broken: 'an unknown part', from: '    healthcheck:', to: '    healthchecks:' },
      { broken: 'a volume list that is a text', from: '  latchkey-1:\n', to: '  latchkey-1:\n    volumes: here\n' },
      { broken: 'an unknown condition', from: 'condition: service_healthy', to: 'condition: healthy' },
    ],
  },
  {
    promise: 'has a default for no variable: it is required, or empty when it is not set',
    problems: ({ text }) =>
      variablesIn(text)
        .filter(({ name, isRequired, rest }) => (isRequired ? !rest.includes(`set ${name}`) : rest !== ''))
        .map(({ name }) => name),
    breakages: [
      { broken: 'a default', from: '${TENANT_ID:-}', to: '${TENANT_ID:-demo}' },
      { broken: 'a password with a default', from: ':?set POSTGRES_PASSWORD}', to: ':-postgres}' },
      { broken: 'a sentence that names another', from: '?set KEY_RING', to: '?set OIDC_ISSUER' },
    ],
  },
  {
    promise: 'has no password or key of its own',
    problems: ({ text, file }) => [
      ...variablesIn(text)
        .filter(({ name, isRequired }) => /PASSWORD|KEY/.test(name) && !isRequired)
        .map(({ name }) => `${name} is not required`),
      ...services(file).flatMap(({ service: { environment = {} } }) =>
        Object.entries(environment)
          .filter(([name]) => /PASSWORD|KEY/.test(name) && !name.endsWith('_FILE'))
          .filter(([, value]) => !/^\$\{\w+:\?[^}]+\}$/.test(value))
          .map(([name]) => `${name} is written down`),
      ),
      ...[...text.matchAll(/:\/\/[^:/\s]+:([^@\s]+)@/g)]
        .filter(([, password = '']) => !/^\$\{\w+:\?[^}]+\}$/.test(password))
        .map(([address]) => `${address} shows a password`),
      ...(/changeit/i.test(text) ? ['the password that everybody knows'] : []),
    ],
    breakages: [
      {
        broken: 'a password',
        from: 'POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}',
        to: 'POSTGRES_PASSWORD: x',
      },
      {
        broken: 'a password in an address',
        from: 'latchkey:${EVENT_STORE_PASSWORD:?set EVENT_STORE_PASSWORD}@',
        to: 'latchkey:x@',
      },
      {
        broken: 'a password that may be empty',
        from: '${EVENT_STORE_OPS_PASSWORD:?set EVENT_STORE_OPS_PASSWORD}',
        to: '${EVENT_STORE_OPS_PASSWORD:-}',
      },
      { broken: 'the vendor’s password', from: "'true'", to: 'changeit' },
    ],
  },
  {
    promise: 'tells of every service that runs on whether it is well, and starts it again',
    problems: ({ file }) =>
      services(file)
        .filter(({ service }) => !isOneShot(service))
        .filter(({ service }) => !service.healthcheck?.test.length || service.restart !== 'unless-stopped')
        .map(({ name }) => name),
    breakages: [
      {
        broken: 'no health check',
        from: "    healthcheck:\n      test: ['CMD', 'pg_isready', '-U', 'latchkey', '-d', 'latchkey']\n      interval: 5s\n      timeout: 3s\n      retries: 20\n",
        to: '',
      },
      { broken: 'no restart', from: '    restart: unless-stopped\n', to: '' },
    ],
  },
  {
    promise: 'waits until what it needs is there',
    problems: ({ file }) => {
      const waits = services(file).flatMap(({ name, service }) =>
        Object.entries(service.depends_on ?? {}).map(([needed, { condition }]) => ({ name, needed, condition })),
      );
      const wrong = waits.filter(({ needed, condition }) => {
        const service = file.services[needed];
        if (!service) return true;
        return condition !== (isOneShot(service) ? 'service_completed_successfully' : 'service_healthy');
      });
      const needs = (name: string): string[] =>
        waits.filter((wait) => wait.name === name).flatMap(({ needed }) => [needed, ...needs(needed)]);
      const hasty = instances(file).filter(
        ({ name }) => new Set(needs(name)).size !== ['postgres', 'prepare-log', 'eventstoredb', 'certificates'].length,
      );
      return [...wrong, ...hasty].map(({ name }) => name);
    },
    breakages: [
      {
        broken: 'one-shot that is to be healthy',
        from: 'certificates:\n        condition: service_completed_successfully',
        to: 'certificates:\n        condition: service_healthy',
      },
      {
        broken: 'a service that only has to start',
        from: 'eventstoredb:\n        condition: service_healthy',
        to: 'eventstoredb:\n        condition: service_started',
      },
      {
        broken: 'an instance that waits for nothing',
        from: '  latchkey-2:\n    <<: *latchkey\n',
        to: '  latchkey-2:\n    <<: *latchkey\n    depends_on: {}\n',
      },
      { broken: 'a service that is not there', from: '  postgres:\n    image', to: '  postgresql:\n    image' },
    ],
  },
  {
    promise: 'keeps its data in volumes that are declared and mounted',
    problems: ({ file }) => {
      const mounts = services(file).flatMap(({ name, service }) =>
        mountsOf(service).map((mount) => ({ name, ...mount })),
      );
      const isMounted = (name: string, target: string) =>
        mounts.some((mount) => mount.name === name && mount.target === target && mount.mode === 'rw');
      return [
        ...mounts.filter(({ source }) => !(source in file.volumes)).map(({ source }) => `${source} is not declared`),
        ...Object.keys(file.volumes)
          .filter((volume) => !mounts.some(({ source }) => source === volume))
          .map((volume) => `${volume} is not mounted`),
        ...(isMounted('postgres', '/var/lib/postgresql') ? [] : ['the data of PostgreSQL']),
        ...(isMounted('eventstoredb', '/var/lib/eventstore') ? [] : ['the log']),
      ];
    },
    breakages: [
      { broken: 'a volume that is not declared', from: '  postgres:\n  eventstoredb:\n', to: '  eventstoredb:\n' },
      { broken: 'a volume that is not mounted', from: '  node-certificate:\n', to: '  node-certificate:\n  more:\n' },
      {
        broken: 'the directory of PostgreSQL 17',
        from: 'postgres:/var/lib/postgresql',
        to: 'postgres:/var/lib/postgresql/data',
      },
      {
        broken: 'a log in the container',
        from: 'eventstoredb:/var/lib/eventstore',
        to: 'eventstoredb:/var/lib/eventstoredb',
      },
    ],
  },
  {
    promise: 'shows the private key of EventStoreDB to no other service that runs on',
    problems: ({ file }) =>
      services(file)
        .filter(({ name, service }) => name !== 'eventstoredb' && !isOneShot(service))
        .filter(({ service }) =>
          mountsOf(service).some(
            ({ source, mode }) =>
              source === 'node-certificate' || (source === 'certificate-authority' && mode !== 'ro'),
          ),
        )
        .map(({ name }) => name),
    breakages: [
      {
        broken: 'the key in an instance',
        from: '    - certificate-authority:/ca:ro',
        to: '    - node-certificate:/ca:ro',
      },
      {
        broken: 'an authority that an instance may change',
        from: '    - certificate-authority:/ca:ro',
        to: '    - certificate-authority:/ca',
      },
    ],
  },
  {
    promise: 'is reached from this machine only, each instance at a port of its own',
    problems: ({ file }) => {
      const ports = services(file).flatMap(({ name, service }) =>
        (service.ports ?? []).map((port) => ({ name, port })),
      );
      const open = ports.filter(
        ({ name, port }) => !name.startsWith('latchkey') || !/^127\.0\.0\.1:\d+:3000$/.test(port),
      );
      return [
        ...open.map(({ name }) => name),
        ...(new Set(ports.map(({ port }) => port)).size === instances(file).length ? [] : ['ports']),
      ];
    },
    breakages: [
      { broken: 'a port that is open to all', from: "'127.0.0.1:3000:3000'", to: "'3000:3000'" },
      { broken: 'a port that is taken', from: "'127.0.0.1:3001:3000'", to: "'127.0.0.1:3000:3000'" },
      {
        broken: 'a database that is open',
        from: '    image: postgres:18\n',
        to: "    image: postgres:18\n    ports: ['127.0.0.1:5432:5432']\n",
      },
    ],
  },
  {
    promise: 'runs two instances, PostgreSQL 18 and EventStoreDB 23.10, of versions that are named',
    problems: ({ file }) => [
      ...(instances(file).length >= 2 ? [] : ['one instance']),
      ...(file.services['postgres']?.image === 'postgres:18' ? [] : ['PostgreSQL']),
      ...(/^eventstore\/eventstore:23\.10\.\d+-/.test(file.services['eventstoredb']?.image ?? '')
        ? []
        : ['EventStoreDB']),
      ...services(file)
        .filter(({ service }) => !service.build && !/:\d/.test(service.image ?? ''))
        .map(({ name }) => name),
    ],
    breakages: [
      { broken: 'one instance', from: '  latchkey-2:', to: '  other:' },
      { broken: 'another PostgreSQL', from: 'postgres:18', to: 'postgres:17' },
      { broken: 'the latest EventStoreDB', from: /eventstore:23\S+/.exec(text)?.[0] ?? '', to: 'eventstore:latest' },
      { broken: 'a tool of any version', from: 'es-gencert-cli:1.0.2', to: 'es-gencert-cli' },
    ],
  },
  {
    promise: 'gives the service only settings that it knows',
    problems: ({ file }) =>
      instances(file)
        .flatMap(({ service }) => Object.keys(service.environment ?? {}))
        .filter((name) => !readme.includes(`\`${name}\``)),
    breakages: [{ broken: 'a setting that is misspelled', from: '    TENANT_ID: ', to: '    TENANT: ' }],
  },
  {
    promise: 'gives the service settings that production accepts',
    problems: ({ file }) =>
      instances(file).flatMap(({ service }) => {
        try {
          readEnvironment({ NODE_ENV: 'production', ...environmentOf(service, values) });
          return [];
        } catch (error) {
          return [(error as Error).message];
        }
      }),
    breakages: [
      { broken: 'no keys', from: '    KEY_RING: ${KEY_RING', to: '    KEYS: ${KEY_RING' },
      { broken: 'a log that cannot be', from: 'esdb://', to: 'https://' },
      { broken: 'a database that cannot be', from: 'DATABASE_URL: postgres://', to: 'DATABASE_URL: mysql://' },
    ],
  },
  {
    promise: 'has one user, one password and one address for each store',
    problems: ({ file }) => {
      const { postgres, eventstoredb, 'prepare-log': prepare } = file.services;
      return instances(file).flatMap(({ service: { environment = {}, volumes = [] } }) => {
        const { DATABASE_URL = '', EVENT_STORE_URL = '' } = environment;
        const database = postgres?.environment ?? {};
        const settings = new URLSearchParams(EVENT_STORE_URL.split('?').at(-1));
        const expected = `postgres://${database['POSTGRES_USER']}:${database['POSTGRES_PASSWORD']}@postgres:5432/${database['POSTGRES_DB']}`;
        const admin = [
          eventstoredb?.environment?.['EVENTSTORE_DEFAULT_ADMIN_PASSWORD'],
          prepare?.environment?.['EVENT_STORE_ADMIN_PASSWORD'],
        ];
        const script = file.services['certificates']?.command?.join('') ?? '';
        return [
          ...(DATABASE_URL === expected ? [] : ['the database']),
          ...(EVENT_STORE_URL === prepare?.environment?.['EVENT_STORE_URL'] ? [] : ['the user that is made']),
          ...(admin[0] && admin[0] === admin[1] ? [] : ['the administrator']),
          ...(variableOf(EVENT_STORE_URL).includes('EVENT_STORE_PASSWORD') ? [] : ['the password']),
          ...(EVENT_STORE_URL.includes('@eventstoredb:2113?') && script.includes('-dns-names eventstoredb,')
            ? []
            : ['the name in the certificate']),
          ...(settings.get('tls') === 'true' && settings.get('tlsCAFile') === '/ca/ca.crt' ? [] : ['TLS']),
          ...(volumes.includes('certificate-authority:/ca:ro') ? [] : ['the authority']),
        ];
      });
    },
    breakages: [
      { broken: 'another user of the database', from: 'POSTGRES_USER: latchkey', to: 'POSTGRES_USER: postgres' },
      {
        broken: 'another user of the log',
        from: 'EVENT_STORE_URL: *event-store-url',
        to: 'EVENT_STORE_URL: esdb://a:b@eventstoredb',
      },
      {
        broken: 'another administrator',
        from: 'EVENT_STORE_ADMIN_PASSWORD: ${EVENT_STORE_ADMIN_PASSWORD',
        to: 'EVENT_STORE_ADMIN_PASSWORD: ${EVENT_STORE_OPS_PASSWORD',
      },
      { broken: 'no TLS', from: 'tls=true', to: 'tls=false' },
      { broken: 'a certificate for another name', from: '-dns-names eventstoredb,', to: '-dns-names node1,' },
    ],
  },
  {
    promise: 'names a command that there is',
    problems: ({ file }) =>
      [file.services['prepare-log']?.command?.[1] ?? '']
        .map((path) => path.replace(/^dist\//, '').replace(/\.js$/, '.ts'))
        .filter((path) => !path.startsWith('src/') || !existsSync(path)),
    breakages: [{ broken: 'another', from: 'cli/latchkey.js', to: 'cli/latch.js' }],
  },
];

describe.each(rules)('docker-compose.yml $promise', ({ problems, breakages }) => {
  const problemsOf = (text: string) => problems({ text, file: parseCompose(text) });

  it('as it is', () => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each(breakages)('and would not with $broken', ({ from, to }) => {
    expect(text).toContain(from);
    expect(problemsOf(text.replace(from, () => to))).not.toEqual([]);
  });
});

describe('without a required variable', () => {
  it.each(Object.keys(values))('nothing starts: %s', (name) => {
    expect(() => interpolate(text, { ...values, [name]: '' })).toThrow(`set ${name}`);
  });

  it.each(Object.keys(values))('docs/production.md says to set it: %s', (name) => {
    const [, block = ''] = /```\n(for name in .*?)```/s.exec(readFileSync('docs/production.md', 'utf8')) ?? [];
    expect(block).toMatch(new RegExp(`(for name in [A-Z_ ]*\\b${name}\\b)|['"]${name}=`));
  });

  it('there is no other', () => {
    const required = variablesIn(text).filter(({ isRequired }) => isRequired);
    expect(new Set(required.map(({ name }) => name))).toEqual(new Set(Object.keys(values)));
  });
});

it('gives the service what was filled in', () => {
  const [instance] = instances(parseCompose(text));
  expect(readEnvironment({ NODE_ENV: 'production', ...environmentOf(instance!.service, values) })).toMatchObject({
    isProduction: true,
    databaseUrl: 'postgres://latchkey:p1@postgres:5432/latchkey',
    eventStoreUrl: 'esdb://latchkey:p2@eventstoredb:2113?tls=true&tlsCAFile=/ca/ca.crt',
    oidcIssuer: 'https://id.example.com',
    oidcRolesClaim: 'roles',
    tenantId: undefined,
    roles: ['api', 'projector', 'scheduler'],
  });
  expect(readFileSync('Dockerfile', 'utf8')).toMatch(/^ENV NODE_ENV=production$/m);
});

describe('the variant for trying, in comments', () => {
  const [, block = ''] = /\n#\n((?:# .*\n)+)$/.exec(text) ?? [];
  const override = parseCompose(block.replaceAll(/^# /gm, ''));

  it('is a Compose file about services that there are', () => {
    expect(schemaFaultsOf(override)).toEqual([]);
    expect(Object.keys(parseCompose(text).services)).toEqual(expect.arrayContaining(Object.keys(override.services)));
  });

  it('takes the passwords away: an insecure EventStoreDB does not start with them', () => {
    expect(block).toContain('environment: !override');
    const { environment } = override.services['eventstoredb']!;
    expect(environment).toEqual({ EVENTSTORE_INSECURE: 'true', EVENTSTORE_TELEMETRY_OPTOUT: 'true' });
  });

  it('leads both instances to it', () => {
    for (const { name } of instances(parseCompose(text))) {
      const environment = environmentOf(override.services[name]!, values);
      expect(readEnvironment(environment).eventStoreUrl).toBe('esdb://eventstoredb:2113?tls=false');
    }
  });
});
