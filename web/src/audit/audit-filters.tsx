import { NativeSelect, TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { choices } from '../common/list-controls.js';
import classes from '../common/list-controls.module.css';
import { momentOfInput, inputOfMoment } from '../common/moment-input.js';
import { strings } from '../strings.js';
import type { Filters } from './audit-list.js';

const TYPING_PAUSE = 300;
const { actions, filters: texts } = strings.audit;

type Props = { values: Filters; change: (change: Partial<Filters>) => void };

/** All that the audit trail can be asked for. */
export const AuditFilters = ({ values, change }: Props) => (
  <div className={classes.controls}>
    <Typed label={texts.text} type="search" maxLength={200} value={values.text} onTyped={(text) => change({ text })} />
    <NativeSelect
      label={texts.action}
      value={values.action}
      onChange={(event) => change({ action: event.currentTarget.value })}
      data={[{ value: '', label: texts.any }, ...choices(actions)]}
    />
    <Typed label={texts.actor} maxLength={255} value={values.actorId} onTyped={(actorId) => change({ actorId })} />
    <NativeSelect
      label={texts.targetType}
      value={values.targetType}
      onChange={(event) => change({ targetType: event.currentTarget.value })}
      data={[{ value: '', label: texts.any }, ...choices(texts.targetTypes)]}
    />
    <Typed label={texts.targetId} maxLength={36} value={values.targetId} onTyped={(targetId) => change({ targetId })} />
    <TextInput
      label={texts.from}
      type="datetime-local"
      value={inputOfMoment(values.from)}
      onChange={(event) => change({ from: momentOfInput(event.currentTarget.value) })}
    />
    <TextInput
      label={texts.to}
      type="datetime-local"
      value={inputOfMoment(values.to)}
      onChange={(event) => change({ to: momentOfInput(event.currentTarget.value) })}
    />
  </div>
);

type TypedProps = TextInputProps & { value: string; onTyped: (value: string) => void };

/** Tells what was typed once typing pauses. */
function Typed({ value, onTyped, ...props }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const tell = useDebouncedCallback(onTyped, TYPING_PAUSE);
  if (told !== value) {
    setTold(value);
    setTyped(value);
  }
  return (
    <TextInput
      {...props}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value.trim());
      }}
    />
  );
}
