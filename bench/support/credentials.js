const VALUES = 1_000;

/** What a bench asks the service for, as an administrator. */
export async function ask(service, token, query) {
  const response = await globalThis.fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** An app that may introspect, as the value of its Authorization header. */
export async function introspector(service, token) {
  const { addApp } = await ask(
    service,
    token,
    'mutation { addApp(input: { name: "API" }) { app { id } credentials { clientId clientSecret } } }',
  );
  const { app, credentials } = addApp;
  await ask(
    service,
    token,
    `mutation { changeAppPermissions(input: { id: "${app.id}", grant: [INTROSPECT_TOKENS] }) { stale } }`,
  );
  return basic(credentials.clientId, credentials.clientSecret);
}

export const basic = (id, secret) => `Basic ${globalThis.Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Personal access tokens: their ids and values. */
export async function personalAccessTokens(service, token, count = VALUES) {
  const tokens = [];
  while (tokens.length < count) {
    const batch = Array.from({ length: 50 }, () =>
      ask(service, token, 'mutation { createToken(input: { name: "CI" }) { token { id } value } }'),
    );
    for (const { createToken } of await Promise.all(batch))
      tokens.push({ id: createToken.token.id, value: createToken.value });
  }
  return tokens;
}

export const introspectionForm = (value) => `token=${value}`;
