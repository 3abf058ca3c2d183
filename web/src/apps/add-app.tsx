import { Button, Group, Paper, Stack, Textarea, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { Problem } from '../common/problem.js';
import { useChange } from '../common/use-change.js';
import { useCommandKey } from '../common/command-key.js';
import { nameProblem } from '../common/name-problem.js';
import { strings } from '../strings.js';
import type { AppChanges } from './app-changes.js';
import type { App } from './app-list.js';

const texts = strings.apps.form;
const LONGEST_DESCRIPTION = 1_000;

type Props = { add: AppChanges['add']; onAdded: (app: App | null) => void; onCancel: () => void };

/** The section in which an app is added. Sent again after a failure, it is added once: the key stays until something else is typed. */
export function AddApp({ add, onAdded, onCancel }: Props) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const { key, changed } = useCommandKey();
  const [wasSent, setSent] = useState(false);
  const { isBusy, error, run } = useChange();
  const nameIsWrong = nameProblem(name, texts);
  const descriptionIsWrong = [...description].length > LONGEST_DESCRIPTION ? texts.tooLong(LONGEST_DESCRIPTION) : null;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setSent(true);
    if (nameIsWrong || descriptionIsWrong) return;
    void run(async () => onAdded(await add({ name, description, idempotencyKey: key })));
  }

  return (
    <Paper component="section" withBorder p="md" aria-label={strings.apps.add}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={texts.name}
            value={name}
            onChange={(event) => changed(setName, event.currentTarget.value)}
            error={wasSent && nameIsWrong}
            autoComplete="off"
            ref={focusWhenShown}
          />
          <Textarea
            label={texts.description}
            value={description}
            onChange={(event) => changed(setDescription, event.currentTarget.value)}
            error={descriptionIsWrong}
            rows={2}
          />
          {error && <Problem error={error} />}
          <Group>
            <BusyButton type="submit" isBusy={isBusy}>
              {texts.submit}
            </BusyButton>
            <Button variant="default" onClick={onCancel}>
              {strings.common.cancel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

const focusWhenShown = (input: HTMLInputElement | null) => input?.focus();
