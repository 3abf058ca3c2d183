import { Anchor, Code, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { goTo } from '../address.js';
import { Dialog } from '../common/dialog.js';
import { Moment } from '../common/moment.js';
import { strings } from '../strings.js';
import type { Entry } from './audit-list.js';

const texts = strings.audit;
const { facts } = texts;

type Props = { entry: Entry; returnTo: readonly string[]; onClose: () => void };

/** Everything that an entry of the audit trail says. */
export function EntryDialog({ entry, returnTo, onClose }: Props) {
  const { actor, targetType, targetId, targetName } = entry;
  const then = `/?asOf=${encodeURIComponent(entry.at)}`;
  return (
    <Dialog title={texts.entry} onClose={onClose} returnTo={returnTo} size="lg">
      <Stack gap="xs">
        <Text fw={500} style={{ overflowWrap: 'anywhere' }}>
          <bdi>{entry.sentence}</bdi>
        </Text>
        <Fact name={facts.at}>
          <Moment at={entry.at} />
        </Fact>
        <Fact name={facts.actor}>{`${actor.name} (${actor.kind} ${actor.id})`}</Fact>
        {targetType && <Fact name={facts.target}>{`${targetName ?? ''} (${targetType} ${targetId ?? ''})`}</Fact>}
        {entry.reason && <Fact name={facts.reason}>{entry.reason}</Fact>}
        <Fact name={facts.ip}>{entry.ip ?? strings.common.none}</Fact>
        <Fact name={facts.userAgent}>{entry.userAgent ?? strings.common.none}</Fact>
        <Fact name={facts.correlationId}>{entry.correlationId}</Fact>
        <Fact name={facts.id}>{entry.id}</Fact>
        <Fact name={facts.position}>{entry.position}</Fact>
        <Text size="sm" fw={600}>
          {facts.details}
        </Text>
        <Code block tabIndex={0}>
          {JSON.stringify(entry.details, null, 2)}
        </Code>
        <Anchor
          href={then}
          size="sm"
          onClick={(event) => {
            event.preventDefault();
            goTo(then);
          }}
        >
          {texts.showThen}
        </Anchor>
      </Stack>
    </Dialog>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
    <Text span inherit fw={600}>
      {name}:
    </Text>{' '}
    <bdi>{children}</bdi>
  </Text>
);
