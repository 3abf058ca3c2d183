import { Button, Stack, Text } from '@mantine/core';
import { strings } from '../strings.js';

type Props = {
  question: { isFiltered: boolean; clear: () => void };
  nothingFound: string;
  title: string;
  text: string;
};

/** In place of rows: because there are none, or because the filters let none through. */
export function Nothing({ question, nothingFound, title, text }: Props) {
  if (question.isFiltered)
    return (
      <Stack align="center" py="lg">
        <Text>{nothingFound}</Text>
        <Button variant="default" onClick={question.clear}>
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
