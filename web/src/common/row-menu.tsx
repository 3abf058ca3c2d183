import { ActionIcon, Menu, type ActionIconProps } from '@mantine/core';
import { useState, type ComponentProps, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { strings } from '../strings.js';
import { DotsIcon } from './icons.js';

export const optionsId = (id: string) => `options-${id}`;

/**
 * The options of a row. They have an id, so that a dialog can give the focus back to their button. The menu itself is made when it
 * is opened for the first time: thousands of them would be felt while scrolling.
 */
export function RowMenu({ id, name, children }: { id: string; name: string; children: ReactNode }) {
  const [isMade, setMade] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const label = strings.common.optionsOf(name);

  /** The menu gives the focus back to what has it when it opens, which is to be its own button. */
  function makeAndOpen(): void {
    flushSync(() => setMade(true));
    setOpen(true);
  }

  return (
    <div id={optionsId(id)}>
      {isMade ? (
        <Menu opened={isOpen} onChange={setOpen}>
          <Menu.Target>
            <OptionsButton aria-label={label} autoFocus />
          </Menu.Target>
          <Menu.Dropdown>{children}</Menu.Dropdown>
        </Menu>
      ) : (
        <OptionsButton aria-label={label} aria-haspopup="menu" aria-expanded={false} onClick={makeAndOpen} />
      )}
    </div>
  );
}

const OptionsButton = (props: ActionIconProps & ComponentProps<'button'>) => (
  <ActionIcon variant="subtle" color="gray" {...props}>
    <DotsIcon />
  </ActionIcon>
);
