import { Button, Group, Stack, Text } from '@mantine/core';
import { BusyButton } from './busy-button.js';
import { strings } from '../strings.js';
import { Dialog } from './dialog.js';
import { Problem } from './problem.js';
import { useChange } from './use-change.js';

type Props = {
  title: string;
  text: string;
  onYes: () => Promise<unknown>;
  onClose: () => void;
  returnTo: readonly string[];
};

/** Asks before something that cannot be undone. It stays open when that fails. */
export function Confirmation({ title, text, onYes, onClose, returnTo }: Props) {
  const { isBusy, error, run } = useChange();

  const confirm = () =>
    run(async () => {
      await onYes();
      onClose();
    });

  return (
    <Dialog onClose={onClose} title={title} returnTo={returnTo} isBusy={isBusy}>
      <Stack>
        <Text>{text}</Text>
        {error && <Problem error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={isBusy} data-autofocus>
            {strings.common.no}
          </Button>
          <BusyButton color="red" onClick={() => void confirm()} isBusy={isBusy}>
            {strings.common.yes}
          </BusyButton>
        </Group>
      </Stack>
    </Dialog>
  );
}
