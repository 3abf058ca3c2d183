import { ErrorResponse, InMemoryWebStorage, UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import type { PageSettings } from '../page-settings.js';

const SIGNED_OUT = 'latchkey.signed-out';
const IN_POPUP = 'popup';

export type Arrival = 'signed-in' | 'signed-out' | 'leaving';

/** Who is signed in. Tokens are in the memory of this page and nowhere else; what survives a redirect is the proof key of the sign-in. */
export class Session {
  readonly #manager: UserManager;
  readonly #listeners = new Set<() => void>();
  #user: User | null = null;
  #isExpired = false;
  #renewed: PromiseWithResolvers<undefined> | null = null;

  constructor({ issuer, clientId, scope, audience }: PageSettings) {
    const home = `${window.location.origin}/`;
    this.#manager = new UserManager({
      authority: issuer,
      client_id: clientId ?? '',
      scope,
      redirect_uri: home,
      popup_redirect_uri: home,
      post_logout_redirect_uri: home,
      // Some providers ask for it; the others ignore what they do not know (RFC 6749, section 3.1).
      extraQueryParams: { audience },
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      stateStore: new WebStorageStateStore({ store: window.sessionStorage, prefix: 'latchkey.sign-in.' }),
      automaticSilentRenew: false,
      monitorSession: false,
    });
  }

  /** Finishes a sign-in that comes back from the provider, or begins one. `leaving`: this document is about to go away. */
  async arrive(): Promise<Arrival> {
    const parameters = new URLSearchParams(window.location.search);
    const state = parameters.get('state');
    const isAnswer = state !== null && (parameters.has('code') || parameters.has('error'));
    if (isAnswer && state.endsWith(`;${IN_POPUP}`)) {
      await this.#manager.signinPopupCallback();
      return 'leaving';
    }
    if (isAnswer) return this.#finish();
    if (window.sessionStorage.getItem(SIGNED_OUT)) return 'signed-out';
    await this.signIn();
    return 'leaving';
  }

  async signIn(): Promise<void> {
    window.sessionStorage.removeItem(SIGNED_OUT);
    const { pathname, search } = window.location;
    await this.#manager.signinRedirect({ state: `${pathname}${search}` });
  }

  /** In a window of its own, so that nothing is lost that was typed here. */
  async signInAgain(): Promise<void> {
    const before = this.#user?.profile.sub;
    const user = await this.#manager.signinPopup({ url_state: IN_POPUP });
    // What is on the page belongs to the person of before.
    if (user.profile.sub !== before) return window.location.reload();
    this.#user = user;
    this.#tell(false);
    this.#renewed?.resolve(undefined);
    this.#renewed = null;
  }

  async signOut(): Promise<void> {
    window.sessionStorage.setItem(SIGNED_OUT, 'yes');
    this.#user = null;
    // Without it, so that no token is in an address.
    await this.#manager.removeUser();
    await this.#manager.signoutRedirect().catch(() => window.location.assign('/'));
  }

  /** Waits until somebody has signed in again when the sign-in has expired. */
  async accessToken(): Promise<string> {
    if (this.#user?.expired) this.#tell(true);
    if (this.#isExpired) await (this.#renewed ??= Promise.withResolvers<undefined>()).promise;
    return this.#user?.access_token ?? '';
  }

  /** The service has refused this token. */
  refuse(token: string): void {
    if (token === this.#user?.access_token) this.#tell(true);
  }

  get isExpired(): boolean {
    return this.#isExpired;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #finish(): Promise<Arrival> {
    // The code is used up, or of no use: it has no business in the address.
    const address = window.location.href;
    window.history.replaceState(null, '', '/');
    this.#user = await this.#manager.signinRedirectCallback(address);
    window.history.replaceState(null, '', pathOnly(this.#user.state));
    return 'signed-in';
  }

  #tell(isExpired: boolean): void {
    if (this.#isExpired === isExpired) return;
    this.#isExpired = isExpired;
    for (const listener of this.#listeners) listener();
  }
}

/** In the provider's words, `null` when it is not the provider that refused. */
export const refusalIn = (error: unknown): string | null => (error instanceof ErrorResponse ? error.message : null);

/** Only ever an address of this page. */
function pathOnly(state: unknown): string {
  if (typeof state !== 'string') return '/';
  const { origin, pathname, search } = new URL(state, window.location.origin);
  return origin === window.location.origin ? `${pathname}${search}` : '/';
}
