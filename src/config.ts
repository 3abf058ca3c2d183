import { Duration } from 'luxon';
import { z } from 'zod';
import { keyRingSetting } from './secrets/key-ring-setting.js';
import { signsWith, type KeyRing } from './secrets/key-ring.js';
import { SIGNING_ALGORITHMS } from './secrets/signing-key.js';

/** In milliseconds; so long a signing key is published after another has taken over. */
export const LONGEST_TOKEN_LIFETIME = 3_600_000;

const oneOf = <const Values extends readonly string[]>(...values: Values) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `must be an address such as ${example}`, abort: true });

export const duration = (shortestMilliseconds: number, longestMilliseconds = 2 ** 31 - 1) =>
  z.string().transform((text, context) => {
    const parsed = Duration.fromISO(text);
    const milliseconds = parsed.isValid && !parsed.years && !parsed.months ? parsed.toMillis() : NaN;
    if (milliseconds >= shortestMilliseconds && milliseconds <= longestMilliseconds) return milliseconds;
    const range = `of at least ${shortestMilliseconds} ms and at most ${longestMilliseconds} ms`;
    context.addIssue(`must be an ISO 8601 duration ${range}, such as PT1H`);
    return z.NEVER;
  });

const processRoles = ['api', 'projector', 'scheduler'] as const;
export type ProcessRole = (typeof processRoles)[number];

const rolesList = z.string().transform((text, context) => {
  const roles = text
    .split(',')
    .map((role) => role.trim())
    .filter(Boolean);
  const unknown = roles.find((role) => !processRoles.some((known) => known === role));
  if (unknown === undefined && roles.length > 0) return roles as ProcessRole[];
  context.addIssue(`must list some of ${processRoles.join(', ')}`);
  return z.NEVER;
});

const notAPort = 'must be a port number, 0 to 65535';

const name = z.string().regex(/^[\w.:/-]{1,200}$/, 'must be 1 to 200 letters, digits or . _ : / -');

export const eventStoreAddress = z
  .string()
  .regex(
    /^(postgres(ql)?|(esdb|kurrentdb|kdb)(\+discover)?):\/\/\S+$/,
    'must be an address such as esdb://user:password@host:2113 or postgres://user:password@host/database',
  );

export const streamPrefix = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,49}$/, 'must be up to 50 lower-case letters, digits or _')
  .default('latchkey');

export const dataDir = z.string().min(1).default('.data');

const environment = z.object({
  NODE_ENV: oneOf('development', 'production', 'test').default('development'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, notAPort)
    .transform(Number)
    .refine((port) => port <= 65_535, notAPort)
    .default(3_000),
  HOST: z.string().min(1).optional(),
  /** An issuer: https://www.rfc-editor.org/rfc/rfc8414#section-2 */
  PUBLIC_URL: url(/^https?$/, 'https://tokens.example.com')
    .regex(/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/i, 'must hold no user, no password, no query and no fragment')
    .optional(),
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://user:password@host/database').optional(),
  EVENT_STORE_URL: eventStoreAddress.optional(),
  STREAM_PREFIX: streamPrefix,
  OIDC_ISSUER: url(/^https?$/, 'https://id.example.com').optional(),
  OIDC_AUDIENCE: name.optional(),
  OIDC_CLIENT_ID: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable characters without spaces')
    .optional(),
  OIDC_SCOPE: z
    .string()
    .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, 'must be words with a space between them')
    .default('openid profile'),
  OIDC_ROLES_CLAIM: name.default('roles'),
  OIDC_TENANT_CLAIM: name.default('tenant_id'),
  TENANT_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits or . _ -')
    .optional(),
  EXPIRE_TOKENS_EVERY: duration(1_000).default(3_600_000),
  READ_MODEL_TIMEOUT: duration(1).default(3_000),
  READ_MODEL_MAX_LAG: duration(1).default(5_000),
  ACCESS_TOKEN_ALGORITHM: oneOf(...SIGNING_ALGORITHMS).default('ES256'),
  ACCESS_TOKEN_LIFETIME: duration(1_000, LONGEST_TOKEN_LIFETIME).default(600_000),
  ACCESS_TOKEN_AUDIENCE: z
    .string()
    .regex(/^[^\s\p{C}]{1,200}$/u, 'must be 1 to 200 printable characters without spaces')
    .optional(),
  KEY_RING: keyRingSetting.optional(),
  PUBLISH_AUDIT_HEADS_EVERY: duration(1_000).default(3_600_000),
  PUBLISH_AUDIT_HEADS_TO: url(/^(file|https?)$/, 'file:///mnt/heads or https://witness.example.com/heads').optional(),
  DATA_DIR: dataDir,
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent').optional(),
  ROLES: rolesList.default([...processRoles]),
  TRUST_PROXY: oneOf('true', 'false').default('false'),
});

export type Environment = ReturnType<typeof readEnvironment>;

/** Reads and checks the settings. Throws one error with a sentence per setting that is missing, malformed or weak. */
export function readEnvironment(env: NodeJS.ProcessEnv) {
  // An empty value is how compose files say "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  const problems = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`);
  if (problems.length > 0 || !parsed.success) throw new Error(problems.join('\n'));

  const values = parsed.data;
  const isProduction = values.NODE_ENV === 'production';
  return {
    isProduction,
    port: values.PORT,
    host: values.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    publicUrl: values.PUBLIC_URL,
    databaseUrl: values.DATABASE_URL,
    eventStoreUrl: values.EVENT_STORE_URL,
    streamPrefix: values.STREAM_PREFIX,
    oidcIssuer: values.OIDC_ISSUER,
    oidcAudience: values.OIDC_AUDIENCE ?? 'latchkey',
    oidcClientId: values.OIDC_CLIENT_ID ?? null,
    oidcScope: values.OIDC_SCOPE,
    oidcRolesClaim: values.OIDC_ROLES_CLAIM,
    oidcTenantClaim: values.OIDC_TENANT_CLAIM,
    tenantId: values.TENANT_ID,
    expireTokensEvery: values.EXPIRE_TOKENS_EVERY,
    readModelTimeout: values.READ_MODEL_TIMEOUT,
    readModelMaxLag: values.READ_MODEL_MAX_LAG,
    accessTokenAlgorithm: values.ACCESS_TOKEN_ALGORITHM,
    accessTokenLifetime: values.ACCESS_TOKEN_LIFETIME,
    accessTokenAudience: values.ACCESS_TOKEN_AUDIENCE,
    publishAuditHeadsEvery: values.PUBLISH_AUDIT_HEADS_EVERY,
    publishAuditHeadsTo: values.PUBLISH_AUDIT_HEADS_TO ?? null,
    keyRing: values.KEY_RING?.ring,
    keyRingFile: values.KEY_RING?.file ?? null,
    dataDir: values.DATA_DIR,
    logLevel: values.LOG_LEVEL ?? (isProduction ? 'info' : 'warn'),
    roles: values.ROLES,
    trustProxy: values.TRUST_PROXY === 'true',
  };
}

function contradictions(values: z.output<typeof environment>): string[] {
  const problems: string[] = [];
  const isProduction = values.NODE_ENV === 'production';
  if (isProduction && !values.OIDC_ISSUER)
    problems.push(
      'OIDC_ISSUER is missing: the development sign-in is refused in production. Set it to the address of your OpenID provider.',
    );
  if (isProduction && !values.KEY_RING)
    problems.push('KEY_RING is missing: production needs keys of its own. See "Settings" in the README.');
  if (values.KEY_RING && !signsWith(values.KEY_RING.ring, values.ACCESS_TOKEN_ALGORITHM, new Date()))
    problems.push(
      `KEY_RING has no key that signs with ${values.ACCESS_TOKEN_ALGORITHM} by now. Add one with: npm run keys -- rotate sign`,
    );
  if (values.OIDC_ISSUER && !values.OIDC_AUDIENCE)
    problems.push(
      'OIDC_AUDIENCE is missing: set it to the audience that your OpenID provider puts into tokens for Latchkey.',
    );
  if (values.OIDC_ISSUER && isReadableOnTheWay(values.OIDC_ISSUER))
    problems.push('OIDC_ISSUER must use https: plain http is accepted only on loopback.');
  const headsTo = values.PUBLISH_AUDIT_HEADS_TO;
  if (headsTo && isReadableOnTheWay(headsTo))
    problems.push('PUBLISH_AUDIT_HEADS_TO must use https: plain http is accepted only on loopback.');
  if (headsTo && new URL(headsTo).username)
    problems.push('PUBLISH_AUDIT_HEADS_TO must hold no user and no password: it takes what everybody may see.');
  if (headsTo && isRemoteFile(headsTo)) problems.push('PUBLISH_AUDIT_HEADS_TO must name a directory of this machine.');
  return problems;
}

/** Plain http is accepted only on loopback. */
export const isReadableOnTheWay = (address: string) => isPlainHttp(address) && !isLoopback(address);

const isPlainHttp = (address: string) => new URL(address).protocol === 'http:';
const isRemoteFile = (address: string) => new URL(address).protocol === 'file:' && new URL(address).host !== '';
const isLoopback = (address: string) => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);

/** What the embedded parts fill in when nothing is configured. */
type Completed = Omit<Environment, 'databaseUrl' | 'eventStoreUrl' | 'oidcIssuer' | 'keyRing'> & {
  databaseUrl: string;
  eventStoreUrl: string;
  oidcIssuer: string;
  keyRing: KeyRing;
};

function Values(this: object, values: Completed) {
  Object.assign(this, values);
}

/** The complete settings of this process, as a class so that Nest can inject them. */
export class Settings extends (Values as unknown as new (values: Completed) => Readonly<Completed>) {}

/** The address under which clients reach this process. */
export const publicUrlOf = ({ publicUrl, port }: Pick<Environment, 'publicUrl' | 'port'>) =>
  publicUrl?.replace(/\/+$/, '') ?? `http://127.0.0.1:${port}`;
