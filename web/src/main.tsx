import './styles.css';
import { createRoot } from 'react-dom/client';
import { Entrance, type Entered } from './session/entrance.js';
import { fetchPageSettings } from './page-settings.js';
import { Page } from './page.js';
import { Session } from './session/session.js';
import { styleNonce } from './theme.js';

declare global {
  interface Window {
    /** Where libraries that make style elements of their own look for it. */
    __webpack_nonce__?: string;
  }
}
window.__webpack_nonce__ = styleNonce();

async function enter(): Promise<Entered> {
  try {
    const settings = await fetchPageSettings();
    if (settings.clientId === null) return { as: 'unconfigured' };
    const session = new Session(settings);
    return await arriveWith(session);
  } catch (error) {
    return { as: 'unreachable', problem: sentenceOf(error) };
  }
}

async function arriveWith(session: Session): Promise<Entered> {
  try {
    return { as: await session.arrive(), session };
  } catch (error) {
    return { as: 'refused', session, problem: sentenceOf(error) };
  }
}

const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const container = document.getElementById('root');
if (container) {
  const root = createRoot(container);
  const show = (entered: Entered) =>
    root.render(
      <Page>
        <Entrance entered={entered} />
      </Page>,
    );
  show({ as: 'leaving' });
  show(await enter());
}
