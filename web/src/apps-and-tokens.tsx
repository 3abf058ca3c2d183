import { Alert, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useParameters } from './address.js';
import { AppsSection } from './apps/apps-section.js';
import { readableMoment } from './common/moment.js';
import { useRight } from './service.js';
import { strings } from './strings.js';
import { TokensSection } from './tokens/tokens-section.js';

/** Both sections, of now or, for those who may, of a past moment in the address. */
export function AppsAndTokens() {
  const [parameters, setParameters] = useParameters();
  const maySeePast = useRight('seeThePast');
  const asked = parameters.get('asOf');
  const [now] = useState(() => Date.now());
  const isPast = maySeePast && asked !== null && Date.parse(asked) <= now;
  const asOf = isPast ? new Date(asked).toISOString() : null;
  return (
    <Stack gap="lg">
      {asOf && (
        <Alert color="yellow">
          <Group justify="space-between">
            {strings.page.asOf(readableMoment(asOf))}
            <Button size="xs" variant="default" onClick={() => setParameters({ asOf: null })}>
              {strings.page.backToNow}
            </Button>
          </Group>
        </Alert>
      )}
      <AppsSection asOf={asOf} />
      <TokensSection asOf={asOf} />
    </Stack>
  );
}
