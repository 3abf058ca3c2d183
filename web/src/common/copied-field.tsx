import { ActionIcon, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAnnounce } from './announcements.js';
import { CheckIcon, CopyIcon } from './icons.js';
import { strings } from '../strings.js';

type Props = {
  label: string;
  value: string;
  description?: string;
  /** Whether it takes the focus as soon as it is there. */
  autoFocus?: boolean;
};

/** A value to be read and copied. It goes to the clipboard on a click and never by itself. */
export function CopiedField({ label, value, description, autoFocus = false }: Props) {
  const [isCopied, setCopied] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const announce = useAnnounce();

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      setFailed(false);
      announce(strings.common.copied);
    } catch {
      setFailed(true);
    }
  }

  return (
    <TextInput
      label={label}
      description={description}
      value={value}
      readOnly
      autoFocus={autoFocus}
      autoComplete="off"
      spellCheck={false}
      error={hasFailed && strings.common.copyFailed}
      onFocus={(event) => event.currentTarget.select()}
      styles={{ input: { fontFamily: 'ui-monospace, monospace', lineHeight: 'normal' } }}
      rightSection={
        <ActionIcon variant="subtle" onClick={() => void copy()} aria-label={strings.common.copy(label)}>
          {isCopied ? <CheckIcon color="var(--mantine-color-green-filled)" /> : <CopyIcon />}
        </ActionIcon>
      }
    />
  );
}
