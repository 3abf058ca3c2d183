import { ActionIcon, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { strings } from '../strings.js';
import { DotsIcon } from './icons.js';

export const optionsId = (id: string) => `options-${id}`;

/** The options of a row. They have an id, so that a dialog can give the focus back to their button. */
export const RowMenu = ({ id, name, children }: { id: string; name: string; children: ReactNode }) => (
  <div id={optionsId(id)}>
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={strings.common.optionsOf(name)}>
          <DotsIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  </div>
);
