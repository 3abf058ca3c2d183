import { Alert, Center, Container, Loader, Paper, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { strings } from '../strings.js';

export const Waiting = () => (
  <Center mih="100vh" role="status" aria-label={strings.entrance.loading}>
    <Loader />
  </Center>
);

type Props = { title: string; text: string; action: string; onAction?: () => Promise<void>; children?: ReactNode };

/** One sentence and one thing to do about it. */
export function Doorstep({ title, text, action, onAction, children }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function act(): Promise<void> {
    if (!onAction) return window.location.reload();
    setBusy(true);
    setProblem(null);
    await onAction().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
    setBusy(false);
  }

  return (
    <Container size={420} py="15vh" component="main">
      <Paper withBorder p="xl">
        <Stack>
          <Title order={1} size="h3">
            {title}
          </Title>
          <Text>{text}</Text>
          {children}
          {problem && (
            <Alert color="red" role="alert">
              {problem}
            </Alert>
          )}
          <BusyButton onClick={() => void act()} isBusy={isBusy}>
            {action}
          </BusyButton>
        </Stack>
      </Paper>
    </Container>
  );
}
