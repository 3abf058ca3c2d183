import { Button, Checkbox, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { Dialog } from '../common/dialog.js';
import { Problem } from '../common/problem.js';
import { useChange } from '../common/use-change.js';
import type { AppPermission } from '../graphql/operations.generated.js';
import { strings } from '../strings.js';
import { appPermissions } from './app-changes.js';
import type { DialogProps } from './app-dialogs.js';

const texts = strings.apps.permissions;

/** What an app may do here, beside getting access tokens. */
export function AppPermissions({ app, changes, onClose, returnTo }: DialogProps) {
  const [wanted, setWanted] = useState<readonly AppPermission[]>(app.permissions);
  const { isBusy, error, run } = useChange();

  const toggle = (permission: AppPermission) =>
    setWanted(wanted.includes(permission) ? wanted.filter((each) => each !== permission) : [...wanted, permission]);

  const save = () =>
    run(async () => {
      await changes.changePermissions(app, wanted);
      onClose();
    });

  return (
    <Dialog title={texts.title(app.name)} onClose={onClose} returnTo={returnTo} isBusy={isBusy}>
      <Stack>
        {appPermissions.map((permission) => (
          <Checkbox
            key={permission}
            label={texts.labels[permission]}
            checked={wanted.includes(permission)}
            onChange={() => toggle(permission)}
          />
        ))}
        {error && <Problem error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={isBusy}>
            {strings.common.cancel}
          </Button>
          <BusyButton onClick={() => void save()} isBusy={isBusy}>
            {texts.submit}
          </BusyButton>
        </Group>
      </Stack>
    </Dialog>
  );
}
