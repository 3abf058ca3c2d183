import {
  appDecider,
  LONGEST_OVERLAP,
  USUAL_OVERLAP,
  type AppCommand,
  type AppPermission,
} from '../../src/apps/app.decider.js';
import {
  APP_ID,
  appActivated,
  appAdded,
  appCredentialsViewed,
  appDeleted,
  appDisabled,
  appPermissionsChanged,
  appSecret,
  appSecretRotated,
  AT,
  FIRST_SECRET_ID,
  SECOND_SECRET_ID,
} from '../support/builders.js';
import { refused, specOf } from '../support/given.js';

const given = specOf(appDecider);

const now = new Date(AT);
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);
const THIRD_SECRET_ID = '77777777-7777-4777-8777-777777777777';

const asked = { appId: APP_ID, now };
const addApp: AppCommand = {
  ...asked,
  type: 'AddApp',
  clientId: 'lk_app_client',
  name: 'Billing',
  description: 'Sends the bills',
  secret: appSecret(),
};
const viewCredentials: AppCommand = { ...asked, type: 'ViewAppCredentials' };
const disable: AppCommand = { ...asked, type: 'DisableApp' };
const activate: AppCommand = { ...asked, type: 'ActivateApp' };
const deleteApp: AppCommand = { ...asked, type: 'DeleteApp' };
const rotate = (overlapMilliseconds: number, secretId = SECOND_SECRET_ID, at = now): AppCommand => ({
  type: 'RotateAppSecret',
  appId: APP_ID,
  now: at,
  secret: appSecret(secretId),
  overlapMilliseconds,
});
const change = (grant: AppPermission[], withdraw: AppPermission[] = []): AppCommand => ({
  ...asked,
  type: 'ChangeAppPermissions',
  grant,
  withdraw,
});

const everyCommandButAdd = [viewCredentials, disable, activate, rotate(0), change(['EXPIRE_TOKENS']), deleteApp];

describe('an app that does not exist', () => {
  it('is added with everything that was said about it', () => {
    given()
      .when(addApp)
      .then([appAdded({ description: 'Sends the bills' })]);
  });

  it.each(everyCommandButAdd)('is not found by $type', (command) => {
    given().when(command).then(refused('NOT_FOUND'));
  });
});

describe('an active app', () => {
  const active = appAdded();

  it('is not added again', () => {
    given(active).when(addApp).then(refused('CONFLICT'));
  });

  it('shows its credentials, and the viewing is an event', () => {
    given(active).when(viewCredentials).then([appCredentialsViewed()]);
  });

  it('shows its credentials each time, each time an event', () => {
    given(active, appCredentialsViewed()).when(viewCredentials).then([appCredentialsViewed()]);
  });

  it('is disabled', () => {
    given(active).when(disable).then([appDisabled()]);
  });

  it('has nothing to do to be activated', () => {
    given(active).when(activate).then([]);
  });

  it('is deleted', () => {
    given(active).when(deleteApp).then([appDeleted()]);
  });
});

describe('a disabled app', () => {
  const disabled = [appAdded(), appDisabled()];

  it('shows its credentials', () => {
    given(...disabled)
      .when(viewCredentials)
      .then([appCredentialsViewed()]);
  });

  it('has nothing to do to be disabled', () => {
    given(...disabled)
      .when(disable)
      .then([]);
  });

  it('is activated', () => {
    given(...disabled)
      .when(activate)
      .then([appActivated()]);
  });

  it('is disabled once more after it was activated', () => {
    given(...disabled, appActivated())
      .when(disable)
      .then([appDisabled()]);
  });

  it('does not get a new secret', () => {
    given(...disabled)
      .when(rotate(USUAL_OVERLAP))
      .then(refused('APP_DISABLED'));
  });

  it('is told that it is disabled before it is told that the overlap is wrong', () => {
    given(...disabled)
      .when(rotate(NaN))
      .then(refused('APP_DISABLED'));
  });

  it('gets a new secret after it was activated', () => {
    given(...disabled, appActivated())
      .when(rotate(0))
      .then([appSecretRotated()]);
  });

  it('is granted permissions', () => {
    given(...disabled)
      .when(change(['EXPIRE_TOKENS']))
      .then([appPermissionsChanged({ granted: ['EXPIRE_TOKENS'] })]);
  });

  it('keeps its permissions and its secret when it is activated', () => {
    given(appAdded(), appPermissionsChanged({ granted: ['EXPIRE_TOKENS'] }), appDisabled(), appActivated())
      .when(change(['EXPIRE_TOKENS']))
      .then([]);
    given(...disabled, appActivated())
      .when(viewCredentials)
      .then([appCredentialsViewed()]);
  });

  it('is deleted', () => {
    given(...disabled)
      .when(deleteApp)
      .then([appDeleted()]);
  });
});

describe('a deleted app (promise: it never comes back, and answers like one that never was)', () => {
  const ways = [
    { way: 'from active', events: [appAdded(), appDeleted()] },
    { way: 'from disabled', events: [appAdded(), appDisabled(), appDeleted()] },
  ];

  describe.each(ways)('$way', ({ events }) => {
    it.each(everyCommandButAdd)('is not found by $type', (command) => {
      given(...events)
        .when(command)
        .then(refused('NOT_FOUND'));
    });

    it('is not added again', () => {
      given(...events)
        .when(addApp)
        .then(refused('CONFLICT'));
    });
  });

  it('stays deleted whatever else its stream might say', () => {
    given(appAdded(), appDeleted(), appActivated(), appSecretRotated(), appPermissionsChanged())
      .when(viewCredentials)
      .then(refused('NOT_FOUND'));
  });
});

describe('an app whose secret is rotated (promise: at most two secrets work, the older one for at most 30 days)', () => {
  const added = appAdded();
  const rotatedWith = (overlap: number) =>
    appSecretRotated({ expiring: [{ id: FIRST_SECRET_ID, expiresAt: later(overlap).toISOString() }] });

  it('stops the old secret at once when there is no overlap', () => {
    given(added)
      .when(rotate(0))
      .then([appSecretRotated({ expiring: [{ id: FIRST_SECRET_ID, expiresAt: AT }] })]);
  });

  it.each([
    { overlap: 1, title: 'a millisecond' },
    { overlap: USUAL_OVERLAP, title: 'a day' },
    { overlap: LONGEST_OVERLAP, title: '30 days' },
  ])('keeps the old secret for an overlap of $title', ({ overlap }) => {
    given(added)
      .when(rotate(overlap))
      .then([rotatedWith(overlap)]);
  });

  it('has limits that are what the product says', () => {
    expect(USUAL_OVERLAP).toBe(24 * 60 * 60 * 1_000);
    expect(LONGEST_OVERLAP).toBe(30 * 24 * 60 * 60 * 1_000);
  });

  it.each([LONGEST_OVERLAP + 1, -1, NaN, Infinity, -Infinity])('refuses an overlap of %d ms', (overlap) => {
    given(added).when(rotate(overlap)).then(refused('BAD_USER_INPUT'));
  });

  it('shows the newest secret', () => {
    given(added, rotatedWith(USUAL_OVERLAP))
      .when(viewCredentials)
      .then([appCredentialsViewed({ secretId: SECOND_SECRET_ID })]);
  });

  it('stops the oldest at once when it is rotated again within the overlap', () => {
    const secondTime = later(1_000);
    given(added, rotatedWith(USUAL_OVERLAP))
      .when(rotate(USUAL_OVERLAP, THIRD_SECRET_ID, secondTime))
      .then([
        appSecretRotated({
          secret: appSecret(THIRD_SECRET_ID),
          expiring: [
            { id: FIRST_SECRET_ID, expiresAt: secondTime.toISOString() },
            { id: SECOND_SECRET_ID, expiresAt: later(1_000 + USUAL_OVERLAP).toISOString() },
          ],
          at: secondTime.toISOString(),
        }),
      ]);
  });

  it('stops both at once when it is rotated again without an overlap', () => {
    given(added, rotatedWith(USUAL_OVERLAP))
      .when(rotate(0, THIRD_SECRET_ID))
      .then([
        appSecretRotated({
          secret: appSecret(THIRD_SECRET_ID),
          expiring: [
            { id: FIRST_SECRET_ID, expiresAt: AT },
            { id: SECOND_SECRET_ID, expiresAt: AT },
          ],
        }),
      ]);
  });

  it.each([
    { title: 'exactly when the overlap ends', after: 5_000 },
    { title: 'after the overlap', after: 5_001 },
  ])('no longer speaks of a secret that has stopped: $title', ({ after }) => {
    const at = later(after);
    given(added, rotatedWith(5_000))
      .when(rotate(0, THIRD_SECRET_ID, at))
      .then([
        appSecretRotated({
          secret: appSecret(THIRD_SECRET_ID),
          expiring: [{ id: SECOND_SECRET_ID, expiresAt: at.toISOString() }],
          at: at.toISOString(),
        }),
      ]);
  });

  it('does not bring a stopped secret back when the clock steps back', () => {
    const earlier = later(-1_000);
    given(added, appSecretRotated())
      .when(rotate(USUAL_OVERLAP, THIRD_SECRET_ID, earlier))
      .then([
        appSecretRotated({
          secret: appSecret(THIRD_SECRET_ID),
          expiring: [{ id: SECOND_SECRET_ID, expiresAt: later(USUAL_OVERLAP - 1_000).toISOString() }],
          at: earlier.toISOString(),
        }),
      ]);
  });
});

describe('the permissions of an app', () => {
  const added = appAdded();
  const introspecting = appPermissionsChanged({ granted: ['INTROSPECT_TOKENS'] });

  it('are none when it is added (promise: an app may do nothing until an administrator says so)', () => {
    given(added)
      .when(change([], ['INTROSPECT_TOKENS', 'EXPIRE_TOKENS']))
      .then([]);
  });

  it('are granted', () => {
    given(added)
      .when(change(['INTROSPECT_TOKENS', 'EXPIRE_TOKENS']))
      .then([appPermissionsChanged({ granted: ['INTROSPECT_TOKENS', 'EXPIRE_TOKENS'] })]);
  });

  it('are withdrawn', () => {
    given(added, introspecting)
      .when(change([], ['INTROSPECT_TOKENS']))
      .then([appPermissionsChanged({ withdrawn: ['INTROSPECT_TOKENS'] })]);
  });

  it('are granted and withdrawn at once', () => {
    given(added, introspecting)
      .when(change(['EXPIRE_TOKENS'], ['INTROSPECT_TOKENS']))
      .then([appPermissionsChanged({ granted: ['EXPIRE_TOKENS'], withdrawn: ['INTROSPECT_TOKENS'] })]);
  });

  it('can be granted again after they were withdrawn', () => {
    given(added, introspecting, appPermissionsChanged({ withdrawn: ['INTROSPECT_TOKENS'] }))
      .when(change(['INTROSPECT_TOKENS']))
      .then([introspecting]);
  });

  it.each([
    { title: 'nothing is asked', command: change([]) },
    { title: 'it has what is granted', command: change(['INTROSPECT_TOKENS']) },
    { title: 'it has not what is withdrawn', command: change([], ['EXPIRE_TOKENS']) },
    { title: 'both', command: change(['INTROSPECT_TOKENS'], ['EXPIRE_TOKENS']) },
  ])('do not change when $title', ({ command }) => {
    given(added, introspecting).when(command).then([]);
  });

  it('are told only as far as they change', () => {
    given(added, introspecting)
      .when(change(['INTROSPECT_TOKENS', 'EXPIRE_TOKENS']))
      .then([appPermissionsChanged({ granted: ['EXPIRE_TOKENS'] })]);
  });

  it('are told once when they are named twice', () => {
    given(added)
      .when(change(['EXPIRE_TOKENS', 'EXPIRE_TOKENS']))
      .then([appPermissionsChanged({ granted: ['EXPIRE_TOKENS'] })]);
    given(added, introspecting)
      .when(change([], ['INTROSPECT_TOKENS', 'INTROSPECT_TOKENS']))
      .then([appPermissionsChanged({ withdrawn: ['INTROSPECT_TOKENS'] })]);
  });

  it('are refused when one is to be both granted and withdrawn', () => {
    given(added)
      .when(change(['EXPIRE_TOKENS'], ['EXPIRE_TOKENS']))
      .then(refused('BAD_USER_INPUT'));
  });
});
