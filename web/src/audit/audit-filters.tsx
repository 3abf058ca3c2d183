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
    <Typed {...moments} label={texts.from} value={values.from} onTyped={(from) => change({ from })} />
    <Typed {...moments} label={texts.to} value={values.to} onTyped={(to) => change({ to })} />
  </div>
);

const moments = { type: 'datetime-local', meaningOf: momentOfInput, textOf: inputOfMoment } as const;

type TypedProps = TextInputProps & {
  value: string;
  onTyped: (value: string) => void;
  /** What is meant by a text, and the other way around. */
  meaningOf?: (text: string) => string;
  textOf?: (value: string) => string;
};

const trimmed = (text: string) => text.trim();
const itself = (value: string) => value;

/** Tells what was typed once typing pauses. */
function Typed({ value, onTyped, meaningOf = trimmed, textOf = itself, ...props }: TypedProps) {
  const [typed, setTyped] = useState(textOf(value));
  const [told, setTold] = useState(value);
  const tell = useDebouncedCallback(onTyped, TYPING_PAUSE);
  if (told !== value) {
    setTold(value);
    // What is still being typed stays as it is, down to the space at its end.
    if (meaningOf(typed) !== value) setTyped(textOf(value));
  }
  return (
    <TextInput
      {...props}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(meaningOf(event.currentTarget.value));
      }}
    />
  );
}
