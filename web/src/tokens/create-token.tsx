import { Alert, Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { CopiedField } from '../common/copied-field.js';
import { Dialog } from '../common/dialog.js';
import { choices } from '../common/list-controls.js';
import { useCommandKey } from '../common/command-key.js';
import { nameProblem } from '../common/name-problem.js';
import { Problem } from '../common/problem.js';
import { useChange } from '../common/use-change.js';
import { strings } from '../strings.js';
import { dayOf, expiresAtOf, latestDay, type Expiry } from './expiry.js';
import type { Created, TokenChanges } from './token-changes.js';

const { form: texts, created: results } = strings.tokens;

type Input = Parameters<TokenChanges['create']>[0];

type Props = {
  create: TokenChanges['create'];
  onCreated: (id: string | null) => void;
  onClose: () => void;
  returnTo: readonly string[];
};

/** Asks for a name, creates, and shows the value: once, and it is gone when this closes. */
export function CreateToken({ create, onCreated, onClose, returnTo }: Props) {
  const [created, setCreated] = useState<Created | null>(null);
  const { isBusy, error, run } = useChange();

  const send = (input: Input) =>
    run(async () => {
      const answer = await create(input);
      setCreated(answer);
      onCreated(answer.token?.id ?? null);
    });

  return (
    <Dialog
      title={created ? results.title : texts.title}
      onClose={onClose}
      returnTo={returnTo}
      isBusy={isBusy}
      isPrecious={Boolean(created?.value)}
      size="lg"
    >
      {created ? (
        <Result created={created} onClose={onClose} />
      ) : (
        <Form send={send} isBusy={isBusy} error={error} onClose={onClose} />
      )}
    </Dialog>
  );
}

type FormProps = { send: (input: Input) => Promise<void>; isBusy: boolean; error: Error | null; onClose: () => void };

function Form({ send, isBusy, error, onClose }: FormProps) {
  const [name, setName] = useState('');
  const [expiry, setExpiry] = useState<Expiry>('');
  const [day, setDay] = useState('');
  const { key, changed } = useCommandKey();
  const [wasSent, setSent] = useState(false);
  const [now] = useState(() => new Date());
  const nameIsWrong = nameProblem(name, texts);
  const expiresAt = expiresAtOf(expiry, day, now);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setSent(true);
    if (nameIsWrong || expiresAt === undefined) return;
    void send({ name, expiresAt, idempotencyKey: key });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={texts.name}
          value={name}
          onChange={(event) => changed(setName, event.currentTarget.value)}
          error={wasSent && nameIsWrong}
          autoComplete="off"
          data-autofocus
        />
        <NativeSelect
          label={texts.expires}
          data={choices(texts.expiries)}
          value={expiry}
          onChange={(event) => changed(setExpiry, event.currentTarget.value as Expiry)}
        />
        {expiry === 'date' && (
          <TextInput
            type="date"
            label={texts.day}
            value={day}
            min={dayOf(now)}
            max={latestDay(now)}
            onChange={(event) => changed(setDay, event.currentTarget.value)}
            error={wasSent && expiresAt === undefined && texts.dayRequired}
          />
        )}
        {error && <Problem error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={isBusy}>
            {strings.common.cancel}
          </Button>
          <BusyButton type="submit" isBusy={isBusy}>
            {texts.submit}
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}

const Result = ({ created: { value }, onClose }: { created: Created; onClose: () => void }) => (
  <Stack>
    {value ? (
      <>
        <Alert color="yellow" role="alert">
          {results.warning}
        </Alert>
        <CopiedField label={results.value} value={value} autoFocus />
      </>
    ) : (
      <Text>{results.gone}</Text>
    )}
    <Group justify="flex-end">
      <Button onClick={onClose} autoFocus={!value}>
        {results.done}
      </Button>
    </Group>
  </Stack>
);
