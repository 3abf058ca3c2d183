import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

type Props = { id: string; heading: string; explanation: string; action?: ReactNode; children: ReactNode };

/** A part of the page under a heading of its own. */
export const Section = ({ id, heading, explanation, action, children }: Props) => (
  <Paper component="section" withBorder p={{ base: 'sm', sm: 'lg' }} aria-labelledby={id}>
    <Stack>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2} size="h4" id={id} tabIndex={-1} style={{ outline: 'none' }}>
            {heading}
          </Title>
          <Text size="sm" c="dimmed">
            {explanation}
          </Text>
        </div>
        {action}
      </Group>
      {children}
    </Stack>
  </Paper>
);
