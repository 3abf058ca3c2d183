import { Text } from '@mantine/core';
import { strings } from '../strings.js';
import { CheckIcon } from './icons.js';
import classes from './row-name.module.css';

/** A name that somebody made up: shown as text in its own direction, whatever it holds. */
export const RowName = ({ name, isNew }: { name: string; isNew: boolean }) => (
  <span className={classes.name}>
    <Text component="bdi" fw={500} size="sm" inherit>
      {name}
    </Text>
    {isNew && (
      <span className={classes.check}>
        <CheckIcon label={strings.common.added} color="var(--mantine-color-green-filled)" size={20} />
      </span>
    )}
  </span>
);
