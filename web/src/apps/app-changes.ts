import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAnnounce } from '../common/announcements.js';
import { useListRequest } from '../common/list-request.js';
import { removeRow, replaceRow, showFromTop } from '../common/pages.js';
import {
  ActivateAppDocument,
  AddAppDocument,
  ChangeAppPermissionsDocument,
  DeleteAppDocument,
  DisableAppDocument,
  RotateAppSecretDocument,
  ViewAppCredentialsDocument,
  type AddAppInput,
  type AppPermission,
} from '../graphql/operations.generated.js';
import { strings } from '../strings.js';
import { APPS, type App } from './app-list.js';

const LATER = 1_500;
const { apps: texts, common } = strings;

export const appPermissions = Object.keys(texts.permissions.labels) as AppPermission[];

/** What can be done to apps. Each shows its effect in the lists before it resolves. */
export function useAppChanges() {
  const client = useQueryClient();
  const announce = useAnnounce();
  const request = useListRequest(APPS);

  return useMemo(() => {
    function show(app: App | null | undefined, sentence: string): void {
      if (app) return finish(app, sentence);
      announce(common.stale);
      setTimeout(() => void client.invalidateQueries({ queryKey: [APPS] }), LATER);
    }

    function finish(app: App, sentence: string): void {
      replaceRow(client, APPS, app);
      announce(sentence);
    }

    return {
      async add(input: AddAppInput): Promise<App | null> {
        const { app } = (await request(AddAppDocument, { input })).addApp;
        await showFromTop(client, APPS);
        announce(app ? texts.wasAdded(app.name) : common.stale);
        return app ?? null;
      },

      async viewCredentials({ id }: App) {
        return (await request(ViewAppCredentialsDocument, { input: { id } })).viewAppCredentials.credentials ?? null;
      },

      async disable({ id, name }: App): Promise<void> {
        const { disableApp } = await request(DisableAppDocument, { input: { id } });
        show(disableApp.app, texts.wasDisabled(name));
      },

      async activate({ id, name }: App): Promise<void> {
        const { activateApp } = await request(ActivateAppDocument, { input: { id } });
        show(activateApp.app, texts.wasActivated(name));
      },

      async rotate({ id }: App, overlap: string, idempotencyKey: string) {
        const { rotateAppSecret } = await request(RotateAppSecretDocument, { input: { id, overlap, idempotencyKey } });
        show(rotateAppSecret.app, texts.rotate.done);
        return rotateAppSecret.credentials ?? null;
      },

      async changePermissions({ id, name }: App, wanted: readonly AppPermission[]): Promise<void> {
        // All of them: what the row shows may have been changed elsewhere.
        const withdraw = appPermissions.filter((each) => !wanted.includes(each));
        const input = { id, grant: [...wanted], withdraw };
        const { changeAppPermissions } = await request(ChangeAppPermissionsDocument, { input });
        show(changeAppPermissions.app, texts.permissions.saved(name));
      },

      async remove({ id, name }: App): Promise<void> {
        await request(DeleteAppDocument, { input: { id } });
        removeRow(client, APPS, id);
        announce(texts.wasDeleted(name));
      },
    };
  }, [client, announce, request]);
}

export type AppChanges = ReturnType<typeof useAppChanges>;
