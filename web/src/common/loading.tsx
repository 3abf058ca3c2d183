import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { strings } from '../strings.js';

const rows = ['first', 'second', 'third', 'fourth'];

/** Where rows will be. */
export const Loading = () => (
  <Stack gap="xs" role="status">
    <VisuallyHidden>{strings.common.loading}</VisuallyHidden>
    {rows.map((row) => (
      <Skeleton key={row} height={38} />
    ))}
  </Stack>
);
