import { DomainError } from '../domain-error.js';
import type { Decider } from '../event-store/decider.js';

// What happened

export const appPermissions = ['INTROSPECT_TOKENS', 'EXPIRE_TOKENS'] as const;
export type AppPermission = (typeof appPermissions)[number];

/** What is known about a client secret without knowing the secret. */
export type AppSecret = { id: string; hint: string; hash: string; pepperId: string };
export type ExpiringSecret = { id: string; expiresAt: string };

export type AppEvent =
  | {
      type: 'AppAdded';
      data: { appId: string; clientId: string; name: string; description: string; secret: AppSecret; at: string };
    }
  | { type: 'AppCredentialsViewed'; data: { appId: string; secretId: string; at: string } }
  | { type: 'AppDisabled'; data: { appId: string; at: string } }
  | { type: 'AppActivated'; data: { appId: string; at: string } }
  | {
      type: 'AppSecretRotated';
      /** `expiring`: every older secret that was still live, with the moment at which it stops. */
      data: { appId: string; secret: AppSecret; expiring: ExpiringSecret[]; at: string };
    }
  | {
      type: 'AppPermissionsChanged';
      data: { appId: string; granted: AppPermission[]; withdrawn: AppPermission[]; at: string };
    }
  | { type: 'AppDeleted'; data: { appId: string; at: string } };

// What may be asked

type Asked = { appId: string; now: Date };

export type AppCommand =
  | (Asked & { type: 'AddApp'; clientId: string; name: string; description: string; secret: AppSecret })
  | (Asked & { type: 'ViewAppCredentials' })
  | (Asked & { type: 'DisableApp' })
  | (Asked & { type: 'ActivateApp' })
  | (Asked & { type: 'RotateAppSecret'; secret: AppSecret; overlapMilliseconds: number })
  | (Asked & { type: 'ChangeAppPermissions'; grant: AppPermission[]; withdraw: AppPermission[] })
  | (Asked & { type: 'DeleteApp' });

// What the rules need to know

type LiveSecret = { id: string; expiresAt: string | null };
type ExistingApp = {
  status: 'active' | 'disabled';
  /** Newest last. */
  secrets: LiveSecret[];
  permissions: AppPermission[];
};
export type AppState = { status: 'unknown' } | ExistingApp | { status: 'deleted' };

// The rules

const DAY = 86_400_000;
export const LONGEST_OVERLAP = 30 * DAY;
export const USUAL_OVERLAP = DAY;

function decide(command: AppCommand, state: AppState): AppEvent[] {
  const { appId } = command;
  const at = command.now.toISOString();

  if (command.type === 'AddApp') {
    if (state.status !== 'unknown') throw new DomainError('CONFLICT', 'This app exists already.');
    const { clientId, name, description, secret } = command;
    return [{ type: 'AppAdded', data: { appId, clientId, name, description, secret, at } }];
  }

  if (state.status === 'unknown' || state.status === 'deleted') throw unknownApp();

  switch (command.type) {
    case 'ViewAppCredentials':
      return [{ type: 'AppCredentialsViewed', data: { appId, secretId: newestSecret(state).id, at } }];
    case 'DisableApp':
      return state.status === 'disabled' ? [] : [{ type: 'AppDisabled', data: { appId, at } }];
    case 'ActivateApp':
      return state.status === 'active' ? [] : [{ type: 'AppActivated', data: { appId, at } }];
    case 'RotateAppSecret':
      return [rotate(command, state)];
    case 'ChangeAppPermissions':
      return changePermissions(command, state);
    case 'DeleteApp':
      return [{ type: 'AppDeleted', data: { appId, at } }];
    default:
      return command satisfies never;
  }
}

function rotate(command: AppCommand & { type: 'RotateAppSecret' }, state: ExistingApp): AppEvent {
  const { appId, now, secret, overlapMilliseconds } = command;
  if (state.status === 'disabled')
    throw new DomainError('APP_DISABLED', 'Activate the app before rotating its secret.');
  if (!(overlapMilliseconds >= 0 && overlapMilliseconds <= LONGEST_OVERLAP))
    throw new DomainError('BAD_USER_INPUT', 'The overlap must be between 0 and 30 days.');

  // Of the older secrets only the newest keeps working: with the new one that makes two.
  const newest = newestSecret(state);
  const overlapEnd = new Date(now.getTime() + overlapMilliseconds).toISOString();
  const expiring = state.secrets
    .filter((old) => isLive(old, now))
    .map((old) => ({ id: old.id, expiresAt: old === newest ? overlapEnd : now.toISOString() }));
  return { type: 'AppSecretRotated', data: { appId, secret, expiring, at: now.toISOString() } };
}

function changePermissions(command: AppCommand & { type: 'ChangeAppPermissions' }, state: ExistingApp): AppEvent[] {
  const both = command.grant.filter((permission) => command.withdraw.includes(permission));
  if (both.length > 0) throw new DomainError('BAD_USER_INPUT', `Grant or withdraw ${both[0]}, not both.`);

  const granted = unique(command.grant).filter((permission) => !state.permissions.includes(permission));
  const withdrawn = unique(command.withdraw).filter((permission) => state.permissions.includes(permission));
  if (granted.length + withdrawn.length === 0) return [];
  const at = command.now.toISOString();
  return [{ type: 'AppPermissionsChanged', data: { appId: command.appId, granted, withdrawn, at } }];
}

// How events change it

function evolve(state: AppState, event: AppEvent): AppState {
  if (event.type === 'AppAdded')
    return { status: 'active', secrets: [{ id: event.data.secret.id, expiresAt: null }], permissions: [] };
  if (state.status === 'unknown' || state.status === 'deleted') return state;

  switch (event.type) {
    case 'AppCredentialsViewed':
      return state;
    case 'AppDisabled':
      return { ...state, status: 'disabled' };
    case 'AppActivated':
      return { ...state, status: 'active' };
    case 'AppSecretRotated': {
      const { secret, expiring } = event.data;
      const kept = expiring.filter((old) => old.expiresAt > event.data.at);
      return { ...state, secrets: [...kept, { id: secret.id, expiresAt: null }] };
    }
    case 'AppPermissionsChanged':
      return { ...state, permissions: changed(state.permissions, event.data) };
    case 'AppDeleted':
      return { status: 'deleted' };
    default:
      return event satisfies never;
  }
}

export const appDecider: Decider<AppState, AppCommand, AppEvent> = {
  category: 'app',
  initial: { status: 'unknown' },
  decide,
  evolve,
};

const unknownApp = () => new DomainError('NOT_FOUND', 'There is no such app.');
const isLive = (secret: LiveSecret, now: Date) => secret.expiresAt === null || secret.expiresAt > now.toISOString();
const unique = <T>(items: T[]) => [...new Set(items)];

function newestSecret(state: ExistingApp): LiveSecret {
  const newest = state.secrets.at(-1);
  if (!newest) throw new DomainError('INTERNAL', 'This app has no secret.');
  return newest;
}

function changed(
  permissions: AppPermission[],
  { granted, withdrawn }: { granted: AppPermission[]; withdrawn: AppPermission[] },
) {
  return [...permissions.filter((permission) => !withdrawn.includes(permission)), ...granted];
}
