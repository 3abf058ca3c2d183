import { Button, Stack, Text } from '@mantine/core';
import type { MouseEvent } from 'react';
import { strings } from '../strings.js';

type Props = {
  question: { isFiltered: boolean; clear: () => void };
  nothingFound: string;
  title: string;
  text: string;
};

/** In place of rows: because there are none, or because the filters let none through. */
export function Nothing({ question, nothingFound, title, text }: Props) {
  function clear({ currentTarget }: MouseEvent): void {
    // The button is gone afterwards.
    currentTarget.closest('section')?.querySelector<HTMLElement>('input[type=search]')?.focus();
    question.clear();
  }

  if (question.isFiltered)
    return (
      <Stack align="center" py="lg">
        <Text>{nothingFound}</Text>
        <Button variant="default" onClick={clear}>
          {strings.common.clearFilters}
        </Button>
      </Stack>
    );
  return (
    <Stack align="center" gap={4} py="lg">
      <Text fw={600}>{title}</Text>
      <Text c="dimmed" size="sm" ta="center">
        {text}
      </Text>
    </Stack>
  );
}
