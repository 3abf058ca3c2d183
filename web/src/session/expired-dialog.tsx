import { Alert, Modal, Stack, Text } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { useService } from '../service.js';
import { strings } from '../strings.js';
import { refusalIn } from './session.js';

/** Stands in front of everything until somebody has signed in again; requests wait behind it. */
export function ExpiredDialog() {
  const { session } = useService();
  const isExpired = useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.isExpired,
  );
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function signInAgain(): Promise<void> {
    setBusy(true);
    setProblem(null);
    await session.signInAgain().catch((error: unknown) => setProblem(refusalIn(error) ?? strings.entrance.popupFailed));
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
        {problem && (
          <Alert color="orange" role="alert">
            {problem}
          </Alert>
        )}
        <BusyButton onClick={() => void signInAgain()} isBusy={isBusy} data-autofocus>
          {strings.entrance.signInAgain}
        </BusyButton>
      </Stack>
    </Modal>
  );
}
