import { Alert, Button, Group, Text } from '@mantine/core';
import { strings } from '../strings.js';

type Props = { title?: string; error: Error; onRetry?: () => void; onClose?: () => void };

/** What went wrong, and what can be done about it. */
export const Problem = ({ title, error, onRetry, onClose }: Props) => (
  <Alert
    color="red"
    role="alert"
    {...(title && { title })}
    {...(onClose && { withCloseButton: true, onClose, closeButtonLabel: strings.common.dismiss })}
  >
    <Group justify="space-between">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {error.message}
      </Text>
      {onRetry && (
        <Button size="xs" variant="default" onClick={onRetry}>
          {strings.common.tryAgain}
        </Button>
      )}
    </Group>
  </Alert>
);
