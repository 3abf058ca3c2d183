import autocannon from 'autocannon';

const CONNECTIONS = 32;

const PAYLOADS = {
  addApp: 'app { id name status } credentials { clientId clientSecret } position stale',
  disableApp: 'app { id name status } position stale',
  createToken: 'token { id name status expiresAt } value position stale',
  revokeToken: 'token { id name status } position stale',
};

const documentOf = (mutation) => {
  const type = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input!`;
  return `mutation ($input: ${type}) { ${mutation}(input: $input) { ${PAYLOADS[mutation]} } }`;
};

/** The requests that a connection sends over and over. Every answer must show its effect: none may be stale. */
function requestsOf({ work, token, tokenIds = [] }, failed) {
  let count = 0;
  const name = () => `Number ${++count}`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const request = (mutation, inputOf, keep = () => undefined) => {
    const query = documentOf(mutation);
    return {
      method: 'POST',
      path: '/graphql',
      setupRequest: (defaults, context) => ({
        ...defaults,
        headers,
        body: JSON.stringify({ query, variables: { input: inputOf(context) } }),
      }),
      onResponse: (status, body, context) => {
        if (status !== 200 || !body.includes('"stale":false')) failed(body);
        keep(body, context);
      },
    };
  };
  const createToken = request('createToken', () => ({ name: name() }));
  if (work === 'createToken') return [createToken];

  const keepId = (body, context) => (context.id = /"id":"([^"]+)"/.exec(body)?.[1]);
  const apps = [
    request('addApp', () => ({ name: name(), description: 'Sends the invoices.' }), keepId),
    request('disableApp', ({ id }) => ({ id })),
  ];
  return work === 'apps' ? apps : [...apps, request('revokeToken', () => ({ id: tokenIds.pop() }))];
}

/**
 * Forms sent to an endpoint of OAuth, in an order of each connection's own. Every answer must hold a text. The requests are built
 * before: the generator shares the machine with what it measures.
 */
function formRequests({ path, authorization, forms, expected }, failed) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...(authorization && { authorization }) };
  const onResponse = (status, body) => {
    if (status !== 200 || !body.includes(expected)) failed(body);
  };
  const requests = forms.map((body) => ({ method: 'POST', path, headers, body, onResponse }));
  const start = Math.floor(Math.random() * requests.length);
  return [...requests.slice(start), ...requests.slice(0, start)];
}

process.on('message', async ({ url, seconds, ...run }) => {
  const failures = [];
  const failed = (body) => failures.push(body);
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    ...(run.work === 'form'
      ? { setupClient: (client) => client.setRequests(formRequests(run, failed)) }
      : { requests: requestsOf(run, failed) }),
  });
  process.send({
    count: result.requests.total,
    rate: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failures: failures.length + result.errors,
    example: failures[0],
  });
});
