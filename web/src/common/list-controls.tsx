import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useService, useRight } from '../service.js';
import { strings } from '../strings.js';
import { SearchIcon } from './icons.js';
import classes from './list-controls.module.css';
import type { ListQuestion } from './list-question.js';

const TYPING_PAUSE = 250;
const MOST_CHARACTERS = 200;

export type Person = { id: string; name: string };

type Props<Status extends string, Order extends string> = {
  question: ListQuestion<Status, Order>;
  searchLabel: string;
  statuses: Readonly<Record<Status, string>>;
  orders: Readonly<Record<Order, string>>;
  /** Of whom there is something in the list. */
  people: readonly Person[];
};

/** Search, filters and order of a list. */
export function ListControls<Status extends string, Order extends string>(props: Props<Status, Order>) {
  const { question, searchLabel, statuses, orders, people } = props;
  const seesEverybody = useRight('seeAllTokens');
  return (
    <div className={classes.controls}>
      <SearchInput label={searchLabel} text={question.text} onChange={(text) => question.change({ text })} />
      <NativeSelect
        label={strings.list.status}
        value={question.status ?? ''}
        onChange={(event) => question.change({ status: event.currentTarget.value })}
        data={[{ value: '', label: strings.list.any }, ...choices(statuses)]}
      />
      {seesEverybody && <CreatedByFilter question={question} people={people} />}
      <NativeSelect
        label={strings.list.order}
        value={question.order}
        onChange={(event) => question.change({ order: event.currentTarget.value })}
        data={choices(orders)}
      />
    </div>
  );
}

export const choices = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

function SearchInput({ label, text, onChange }: { label: string; text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const [told, setTold] = useState(text);
  if (told !== text) {
    setTold(text);
    setTyped(text);
  }
  const tell = useDebouncedCallback(onChange, TYPING_PAUSE);
  return (
    <TextInput
      type="search"
      label={label}
      value={typed}
      maxLength={MOST_CHARACTERS}
      leftSection={<SearchIcon />}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        tell(value);
      }}
    />
  );
}

type FilterProps = { question: { createdBy: string; change: (change: { createdBy: string }) => void } };

function CreatedByFilter({ question, people }: FilterProps & { people: readonly Person[] }) {
  const { me } = useService();
  const others = new Map(people.filter(({ id }) => id !== me.id).map(({ id, name }) => [id, name]));
  const { createdBy } = question;
  if (createdBy && createdBy !== me.id && !others.has(createdBy)) others.set(createdBy, createdBy);
  return (
    <NativeSelect
      label={strings.list.createdBy}
      value={createdBy}
      onChange={(event) => question.change({ createdBy: event.currentTarget.value })}
      data={[
        { value: '', label: strings.list.anyone },
        { value: me.id, label: strings.list.myself },
        ...choices(Object.fromEntries(others)),
      ]}
    />
  );
}
