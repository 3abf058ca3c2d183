import { ActionIcon, Menu, type ActionIconProps } from '@mantine/core';
import { useState, type ComponentProps, type ReactNode } from 'react';
import { strings } from '../strings.js';
import { DotsIcon } from './icons.js';

export const optionsId = (id: string) => `options-${id}`;

/**
 * The options of a row. They have an id, so that a dialog can give the focus back to their button. The menu itself is made when it
 * is opened for the first time: thousands of them would be felt while scrolling.
 */
export function RowMenu({ id, name, children }: { id: string; name: string; children: ReactNode }) {
  const [isMade, setMade] = useState(false);
  const label = strings.common.optionsOf(name);
  return (
    <div id={optionsId(id)}>
      {isMade ? (
        <Menu defaultOpened>
          <Menu.Target>
            <OptionsButton aria-label={label} />
          </Menu.Target>
          <Menu.Dropdown>{children}</Menu.Dropdown>
        </Menu>
      ) : (
        <OptionsButton aria-label={label} aria-haspopup="menu" aria-expanded={false} onClick={() => setMade(true)} />
      )}
    </div>
  );
}

const OptionsButton = (props: ActionIconProps & ComponentProps<'button'>) => (
  <ActionIcon variant="subtle" color="gray" {...props}>
    <DotsIcon />
  </ActionIcon>
);
