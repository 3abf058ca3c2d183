import { useCallback, useSyncExternalStore } from 'react';

const CHANGED = 'latchkey:address';

export type View = 'apps-and-tokens' | 'audit-trail' | 'status';

export const paths: Readonly<Record<View, string>> = {
  'apps-and-tokens': '/',
  'audit-trail': '/audit-trail',
  status: '/status',
};

/** Goes to an address of the page without loading it anew. */
export function goTo(address: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, '', address);
  else window.history.pushState(null, '', address);
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export const usePath = (): string => useSyncExternalStore(subscribe, () => window.location.pathname);

const useQueryText = (): string => useSyncExternalStore(subscribe, () => window.location.search);

export type Parameters = Readonly<Record<string, string | null>>;

/** The parameters in the address. What is set to `null` or to nothing is taken out of it. */
export function useParameters(): [URLSearchParams, (change: Parameters) => void] {
  const text = useQueryText();
  const change = useCallback((parameters: Parameters) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(parameters)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    const query = next.toString();
    goTo(`${window.location.pathname}${query && `?${query}`}`, { replace: true });
  }, []);
  return [new URLSearchParams(text), change];
}
