import { Modal } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { strings } from '../strings.js';

type Props = {
  title: string;
  onClose: () => void;
  /** Ids of what takes the focus afterwards: the first of them that is still there. */
  returnTo: readonly string[];
  /** Something is under way whose end must be seen: nothing closes the dialog. */
  isBusy?: boolean;
  /** It shows what can never be shown again: only a button closes it. */
  isPrecious?: boolean;
  size?: string;
  children: ReactNode;
};

/** A dialog that is there as long as it is rendered. */
export function Dialog(props: Props) {
  const { title, onClose, returnTo, isBusy = false, isPrecious = false, size = 'md', children } = props;
  const isEasilyClosed = !isBusy && !isPrecious;
  const places = useRef(returnTo);
  useEffect(() => {
    const ids = places.current;
    return () => {
      requestAnimationFrame(() => focusFirst(ids));
    };
  }, []);
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnEscape={isEasilyClosed}
      closeOnClickOutside={isEasilyClosed}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': strings.common.close, disabled: isBusy }}
    >
      {children}
    </Modal>
  );
}

function focusFirst(ids: readonly string[]): void {
  const found = ids.map((id) => document.getElementById(id)).find((element) => element !== null);
  const button = found?.querySelector('button');
  (button ?? found)?.focus();
}
