import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { accessRules, authorise, type Operation } from '../../src/auth/access.js';
import { roles as allRoles, systemCaller, type Caller, type Role } from '../../src/auth/caller.js';
import type { DomainError } from '../../src/domain-error.js';
import { caller } from '../support/builders.js';

type Answer = 'any' | 'own' | 'no';

// Written out from the table of roles in the design, not from the code. In this order: administrator, developer, auditor, nobody.
const matrix: Record<Operation, [Answer, Answer, Answer, Answer]> = {
  app: ['any', 'any', 'any', 'no'],
  apps: ['any', 'any', 'any', 'no'],
  addApp: ['any', 'any', 'no', 'no'],
  viewAppCredentials: ['any', 'any', 'no', 'no'],
  disableApp: ['any', 'any', 'no', 'no'],
  activateApp: ['any', 'any', 'no', 'no'],
  rotateAppSecret: ['any', 'any', 'no', 'no'],
  deleteApp: ['any', 'any', 'no', 'no'],
  changeAppPermissions: ['any', 'no', 'no', 'no'],
  token: ['any', 'own', 'any', 'no'],
  tokens: ['any', 'own', 'any', 'no'],
  createToken: ['own', 'own', 'no', 'no'],
  revokeToken: ['any', 'own', 'no', 'no'],
  deleteToken: ['any', 'own', 'no', 'no'],
  revokeTokensOf: ['any', 'no', 'no', 'no'],
  expireTokens: ['any', 'no', 'no', 'no'],
  asOf: ['any', 'no', 'any', 'no'],
  exportAuditTrail: ['any', 'no', 'any', 'no'],
  auditTrail: ['any', 'no', 'any', 'no'],
  auditCheckpoint: ['any', 'no', 'any', 'no'],
  auditInclusionProof: ['any', 'no', 'any', 'no'],
  auditConsistencyProof: ['any', 'no', 'any', 'no'],
  projections: ['any', 'no', 'any', 'no'],
  credentialsInUse: ['any', 'no', 'any', 'no'],
  rebuildProjection: ['any', 'no', 'no', 'no'],
  retryParkedStream: ['any', 'no', 'no', 'no'],
  erasePersonalData: ['any', 'no', 'no', 'no'],
};

const operations = Object.keys(matrix) as Operation[];
const columns: Role[] = ['ADMINISTRATOR', 'DEVELOPER', 'AUDITOR'];

function answerTo(who: Caller, operation: Operation): Answer {
  try {
    return authorise(who, operation);
  } catch (error) {
    expect((error as DomainError).code).toBe('FORBIDDEN');
    return 'no';
  }
}

const withRoles = (...roles: Role[]) => caller({ roles });
const app = (...permissions: Caller['permissions']) => caller({ kind: 'APP', id: 'an-app', roles: [], permissions });

describe('the matrix of roles (promise: what is not allowed is refused)', () => {
  const rows = operations.flatMap((operation) =>
    columns.map((role, column) => ({ role, operation, answer: matrix[operation][column] })),
  );

  it.each(rows)('$role, $operation: $answer', ({ role, operation, answer }) => {
    expect(answerTo(withRoles(role), operation)).toBe(answer);
  });

  it.each(operations)('nobody, %s: no', (operation) => {
    expect(matrix[operation][3]).toBe('no');
    expect(answerTo(withRoles(), operation)).toBe('no');
  });

  it('speaks of all roles and of all operations that there are', () => {
    expect(columns).toEqual(allRoles);
    expect(operations.toSorted()).toEqual(Object.keys(accessRules).toSorted());
  });

  it('is told to whoever is refused without telling more than the operation', () => {
    expect(() => authorise(withRoles('AUDITOR'), 'deleteApp')).toThrow('You may not use deleteApp.');
  });
});

describe('the table of roles in README.md', () => {
  const answers = new Map<string, Answer>([
    ['all', 'any'],
    ['all, no secrets', 'any'],
    ['any', 'any'],
    ['yes', 'any'],
    ['own', 'own'],
    ['no', 'no'],
  ]);
  const toldIn = (row: string) => {
    const [, what = '', ...cells] = row.split('|').map((cell) => cell.trim());
    const reaches = columns.map((_, column) => answers.get(cells[column] ?? ''));
    return [...what.matchAll(/`(\w+)`/g)].map(([, operation]) => [operation, ...reaches]);
  };

  it('tells of each operation, once, how far each role reaches', () => {
    const [, table = ''] = /## Roles\n[^|]*([\s\S]*?)\n\n/.exec(readFileSync('README.md', 'utf8')) ?? [];
    const is = operations.map((operation) => [
      operation,
      ...columns.map((role) => answerTo(withRoles(role), operation)),
    ]);
    expect(table.split('\n').flatMap(toldIn).toSorted()).toEqual(is.toSorted());
  });
});

describe('a caller with several roles', () => {
  const wider = (...answers: Answer[]): Answer =>
    answers.includes('any') ? 'any' : answers.includes('own') ? 'own' : 'no';
  const unions = [
    ['ADMINISTRATOR', 'DEVELOPER'],
    ['ADMINISTRATOR', 'AUDITOR'],
    ['DEVELOPER', 'AUDITOR'],
    ['ADMINISTRATOR', 'DEVELOPER', 'AUDITOR'],
  ] as const;

  it.each(unions.map((union) => ({ union })))('may what any of $union may', ({ union }) => {
    for (const operation of operations) {
      const expected = wider(...union.map((role) => matrix[operation][columns.indexOf(role)] ?? 'no'));
      expect([operation, answerTo(withRoles(...union), operation)]).toEqual([operation, expected]);
      expect(answerTo(withRoles(...union.toReversed()), operation)).toBe(expected);
    }
  });

  it('sees all tokens as developer and auditor, and still revokes only their own', () => {
    expect(authorise(withRoles('DEVELOPER', 'AUDITOR'), 'tokens')).toBe('any');
    expect(authorise(withRoles('DEVELOPER', 'AUDITOR'), 'revokeToken')).toBe('own');
  });
});

describe('an app', () => {
  it('with EXPIRE_TOKENS may expire tokens, and nothing else', () => {
    for (const operation of operations)
      expect([operation, answerTo(app('EXPIRE_TOKENS'), operation)]).toEqual([
        operation,
        operation === 'expireTokens' ? 'any' : 'no',
      ]);
  });

  it.each([{ permissions: [] }, { permissions: ['INTROSPECT_TOKENS'] as const }])(
    'with $permissions may do nothing here (promise: an app gets no rights of a user)',
    ({ permissions }) => {
      for (const operation of operations) expect(answerTo(app(...permissions), operation)).toBe('no');
    },
  );
});

describe('the service itself', () => {
  it('expires tokens, and does nothing else', () => {
    for (const operation of operations)
      expect([operation, answerTo(systemCaller('demo'), operation)]).toEqual([
        operation,
        operation === 'expireTokens' ? 'any' : 'no',
      ]);
  });
});

describe('the schema', () => {
  const schema = buildSchema(readFileSync('schema.gql', 'utf8'));
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );

  it('has a rule for each query and mutation but `me` (promise: nothing is open by being forgotten)', () => {
    // An argument, and an address of its own.
    const others = ['asOf', 'exportAuditTrail'];
    const operations = [...fields.filter((field) => field !== 'me'), ...others].toSorted();
    expect(operations).toEqual(Object.keys(accessRules).toSorted());
  });

  it('has no subscriptions, which nothing here guards', () => {
    expect(schema.getSubscriptionType()).toBeUndefined();
  });
});
