import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { useCommandKey } from '../common/command-key.js';
import { CopiedField } from '../common/copied-field.js';
import { Dialog } from '../common/dialog.js';
import { choices } from '../common/list-controls.js';
import { Problem } from '../common/problem.js';
import { useChange } from '../common/use-change.js';
import { strings } from '../strings.js';
import type { DialogProps } from './app-dialogs.js';

const texts = strings.apps.rotate;
const USUAL_OVERLAP = 'PT24H';

/** Gives an app a new secret, and shows it. */
export function AppRotation({ app, changes, onClose, returnTo }: DialogProps) {
  const [overlap, setOverlap] = useState(USUAL_OVERLAP);
  const { key, changed } = useCommandKey();
  const [secret, setSecret] = useState<string | null>(null);
  const { isBusy, error, run } = useChange();

  const rotate = () =>
    run(async () => {
      const credentials = await changes.rotate(app, overlap, key);
      setSecret(credentials?.clientSecret ?? '');
    });

  return (
    <Dialog title={texts.title(app.name)} onClose={onClose} returnTo={returnTo} isBusy={isBusy} size="lg">
      {secret !== null ? (
        <Stack>
          <Text>{secret ? texts.done : strings.apps.view.gone}</Text>
          {secret && <CopiedField label={strings.apps.view.clientSecret} value={secret} autoFocus />}
          <Group justify="flex-end">
            <Button onClick={onClose} autoFocus={!secret}>
              {strings.common.close}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <Text>{texts.text}</Text>
          <NativeSelect
            label={texts.overlap}
            data={choices(texts.overlaps)}
            value={overlap}
            onChange={(event) => changed(setOverlap, event.currentTarget.value)}
          />
          {error && <Problem error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={isBusy}>
              {strings.common.cancel}
            </Button>
            <BusyButton onClick={() => void rotate()} isBusy={isBusy}>
              {texts.submit}
            </BusyButton>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
