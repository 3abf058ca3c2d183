import { Button, type ButtonProps } from '@mantine/core';
import type { ComponentProps, MouseEvent } from 'react';

type Props = ButtonProps & Omit<ComponentProps<'button'>, keyof ButtonProps> & { isBusy: boolean };

/** Does nothing while something is under way, and keeps the focus: a button that is disabled for that time would lose it. */
export function BusyButton({ isBusy, disabled, onClick, ...props }: Props) {
  function click(event: MouseEvent<HTMLButtonElement>): void {
    if (isBusy) event.preventDefault();
    else onClick?.(event);
  }

  return (
    <Button
      {...props}
      loading={isBusy}
      disabled={disabled}
      onClick={click}
      renderRoot={(root) => <button {...root} disabled={disabled} aria-disabled={isBusy || undefined} />}
    />
  );
}
