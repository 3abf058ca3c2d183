import type { Configuration, Context, Grant } from 'oidc-provider/lib/provider.js';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import { commandLineRedirectUri, developmentClientId } from './development-client.js';
import type { DevelopmentKeys } from './development-keys.js';
import { claimsOf, findDevelopmentUser } from './development-users.js';
import { messagePage } from './sign-in-page.js';

const hour = 3600;
const day = 24 * hour;
const scopes = ['openid', 'profile', 'email'];
const api = 'urn:latchkey:api';

/** The settings of oidc-provider. Every function whose default prints a notice is replaced. */
export function developmentProviderSettings(
  audience: string,
  redirectUris: string[],
  keys: DevelopmentKeys,
): Configuration {
  const origins = redirectUris.map((uri) => new URL(uri).origin);
  return {
    adapter: createMemoryAdapter(),
    clients: [client(redirectUris, origins)],
    jwks: keys.jwks,
    cookies: {
      keys: keys.cookieKeys,
      // Cookies ignore the port: these are sent to everything else on 127.0.0.1 too.
      names: { session: 'latchkey_sign_in', interaction: 'latchkey_sign_in_step', resume: 'latchkey_sign_in_resume' },
    },
    scopes,
    claims: { openid: ['sub', 'name', 'roles', 'tenant_id'] },
    // Our access tokens are for the API, never for the userinfo endpoint, so the ID token tells who signed in.
    conformIdTokenClaims: false,
    clientBasedCORS: (_context: Context, origin: string) => origins.includes(origin),
    findAccount,
    extraTokenClaims: (_context: Context, token: { accountId?: string }) => {
      const user = findDevelopmentUser(token.accountId);
      return user && claimsOf(user);
    },
    loadExistingGrant: grantEverything,
    interactions: { url: (_context: Context, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => api,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenTTL: hour,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: signOut,
        postLogoutSuccessSource: (context: Context) => show(context, 'Signed out', 'You are signed out.'),
      },
    },
    ttl: {
      AccessToken: hour,
      AuthorizationCode: 60,
      IdToken: hour,
      Interaction: hour,
      Session: 14 * day,
      Grant: 14 * day,
    },
    renderError: (
      context: Context,
      { error, error_description: text }: { error: string; error_description?: string },
    ) => show(context, 'Sign-in failed', text ?? error),
  };
}

function client(redirectUris: string[], origins: string[]): Record<string, unknown> {
  return {
    client_id: developmentClientId,
    client_name: 'Latchkey',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [...redirectUris, commandLineRedirectUri],
    post_logout_redirect_uris: [...new Set([...redirectUris, ...origins, ...origins.map((origin) => `${origin}/`)])],
    id_token_signed_response_alg: 'ES256',
  };
}

function findAccount(_context: Context, id: string) {
  const user = findDevelopmentUser(id);
  return user && { accountId: id, claims: () => ({ sub: id, ...claimsOf(user) }) };
}

async function grantEverything({ oidc }: Context): Promise<Grant | undefined> {
  if (!oidc.client || !oidc.session) return undefined;
  const { clientId } = oidc.client;
  const grantId = oidc.result?.consent?.grantId ?? oidc.session.grantIdFor(clientId);
  const known = grantId && (await oidc.provider.Grant.find(grantId));
  if (known) return known;
  const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId });
  grant.addOIDCScope(scopes.join(' '));
  await grant.save();
  return grant;
}

// Asking "do you want to sign out?" protects against links on foreign pages. Here it would only be in the way.
async function signOut(context: Context): Promise<void> {
  const { provider, session, params, urlFor } = context.oidc;
  await session?.destroy();
  context.cookies.set(provider.cookieName('session'), null);
  const back = params?.['post_logout_redirect_uri'];
  const target = new URL(back ?? urlFor.call(context.oidc, 'end_session_success'));
  if (back && params['state']) target.searchParams.set('state', params['state']);
  context.status = 303;
  context.redirect(target.href);
}

function show(context: Context, title: string, text: string): void {
  const { html, headers } = messagePage(title, text);
  context.set(headers);
  context.body = html;
}
