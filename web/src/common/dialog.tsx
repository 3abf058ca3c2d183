import { Modal } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { strings } from '../strings.js';

type Props = {
  title: string;
  onClose: () => void;
  /** Ids of what takes the focus afterwards: the first of them that is still there. */
  returnTo: readonly string[];
  size?: string;
  children: ReactNode;
};

/** A dialog that is there as long as it is rendered. */
export function Dialog({ title, onClose, returnTo, size = 'md', children }: Props) {
  const places = useRef(returnTo);
  useEffect(() => {
    const ids = places.current;
    return () => {
      requestAnimationFrame(() => focusFirst(ids));
    };
  }, []);
  return (
    <Modal opened onClose={onClose} title={title} size={size} closeButtonProps={{ 'aria-label': strings.common.close }}>
      {children}
    </Modal>
  );
}

function focusFirst(ids: readonly string[]): void {
  const found = ids.map((id) => document.getElementById(id)).find((element) => element !== null);
  const button = found?.querySelector('button');
  (button ?? found)?.focus();
}
