import { ActionIcon, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { strings } from '../strings.js';
import { DotsIcon } from './icons.js';

export const optionsId = (id: string) => `options-${id}`;

/** The options of a row. The button has an id, so that a dialog can give the focus back to it. */
export const RowMenu = ({ id, name, children }: { id: string; name: string; children: ReactNode }) => (
  <Menu>
    <Menu.Target>
      <ActionIcon id={optionsId(id)} variant="subtle" color="gray" aria-label={strings.common.optionsOf(name)}>
        <DotsIcon />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>{children}</Menu.Dropdown>
  </Menu>
);
