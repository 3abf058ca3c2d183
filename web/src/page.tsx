import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { CrashGuard } from './common/crash-guard.js';
import { readableColours, styleNonce, theme } from './theme.js';

/** What everything on the page stands in: theme, colours, and a place where a mistake of ours ends. */
export function Page({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
      cssVariablesResolver={readableColours}
    >
      <CrashGuard>{children}</CrashGuard>
    </MantineProvider>
  );
}
