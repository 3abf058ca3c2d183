import { Button, Group, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { goTo } from '../address.js';
import { inputOfMoment, momentOfInput } from '../common/moment-input.js';
import { strings } from '../strings.js';

const texts = strings.audit.asOf;

const nowAsInput = () => inputOfMoment(new Date().toISOString());

/** Leads to apps and tokens as they were at a moment. */
export function AsOfForm() {
  const [moment, setMoment] = useState('');
  const [latest, setLatest] = useState(nowAsInput);

  function show(event: SubmitEvent): void {
    event.preventDefault();
    const asOf = momentOfInput(moment);
    if (asOf) goTo(`/?asOf=${encodeURIComponent(asOf)}`);
  }

  return (
    <form onSubmit={show}>
      <Group align="flex-end" gap="xs">
        <TextInput
          type="datetime-local"
          label={texts.label}
          value={moment}
          onChange={(event) => setMoment(event.currentTarget.value)}
          max={latest}
          onFocus={() => setLatest(nowAsInput())}
          required
          withAsterisk={false}
        />
        <Button type="submit" variant="default">
          {texts.submit}
        </Button>
      </Group>
    </form>
  );
}
