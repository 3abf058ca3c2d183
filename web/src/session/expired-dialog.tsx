import { Alert, Button, Modal, Stack, Text } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useService } from '../service.js';
import { strings } from '../strings.js';

/** Stands in front of everything until somebody has signed in again; requests wait behind it. */
export function ExpiredDialog() {
  const { session } = useService();
  const isExpired = useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.isExpired,
  );
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);

  async function signInAgain(): Promise<void> {
    setBusy(true);
    setFailed(false);
    await session.signInAgain().catch(() => setFailed(true));
    setBusy(false);
  }

  return (
    <Modal
      opened={isExpired}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={strings.entrance.expired}
      zIndex={1000}
    >
      <Stack>
        <Text>{strings.entrance.expiredText}</Text>
        {hasFailed && (
          <Alert color="orange" role="alert">
            {strings.entrance.popupFailed}
          </Alert>
        )}
        <Button onClick={() => void signInAgain()} loading={isBusy} data-autofocus>
          {strings.entrance.signInAgain}
        </Button>
      </Stack>
    </Modal>
  );
}
