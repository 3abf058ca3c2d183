import type { Session } from '../session/session.js';
import { strings } from '../strings.js';
import type { TypedDocumentString } from './operations.generated.js';

/** Why a request failed: a code of the service, or `UNREACHABLE`. The message is a sentence for people. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type Requester = <Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
) => Promise<Result>;

type Answer<Result> = {
  data?: Result | null;
  errors?: { message: string; extensions?: { code?: string } }[];
};

/** Sends GraphQL. While the sign-in has expired a request waits, and goes on once somebody has signed in again. */
export function createRequester(session: Session): Requester {
  let isAccepted = false;

  return async (document, variables, signal) => {
    const body = JSON.stringify({ query: document.toString(), variables });
    const token = await session.accessToken();
    let response = await send(body, token, signal);
    // A sign-in that was never good is not one that has expired.
    if (response.status === 401 && isAccepted) {
      session.refuse(token);
      response = await send(body, await session.accessToken(), signal);
    }
    const result = await read<Result<typeof document>>(response);
    isAccepted = true;
    return result;
  };
}

type Result<Document> = Document extends TypedDocumentString<infer Answered, never> ? Answered : never;

async function send(body: string, token: string, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable(error);
  }
}

async function read<Data>(response: Response): Promise<Data> {
  const { data, errors } = await (response.json() as Promise<Answer<Data>>).catch((error: unknown) => {
    throw unreachable(error);
  });
  const [error] = errors ?? [];
  if (error) throw new RequestError(error.extensions?.code ?? 'INTERNAL', error.message);
  if (!data) throw new RequestError('INTERNAL', strings.errors.noAnswer);
  return data;
}

const unreachable = (cause: unknown) =>
  new RequestError('UNREACHABLE', navigator.onLine ? strings.errors.unreachable : strings.errors.offline, { cause });
