import { createTheme, Menu, Modal } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  components: {
    Modal: Modal.extend({
      defaultProps: { centered: true, transitionProps: { duration: 120 } },
      styles: { title: { fontWeight: 600, overflowWrap: 'anywhere' } },
    }),
    Menu: Menu.extend({
      defaultProps: { withinPortal: true, position: 'bottom-end', shadow: 'md', returnFocus: true },
    }),
  },
});

/** Of this answer: styles that are made while the page runs carry it. */
export const styleNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
