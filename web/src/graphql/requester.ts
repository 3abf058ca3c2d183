import { strings } from '../strings.js';
import type { TypedDocumentString } from './operations.generated.js';
import { RequestError } from './request-error.js';
import type { Sender } from './sender.js';

export type Requester = <Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
) => Promise<Result>;

type Answer<Result> = {
  data?: Result | null;
  errors?: { message: string; extensions?: { code?: string } }[];
};

/** Sends GraphQL. */
export const createRequester =
  (send: Sender): Requester =>
  async (document, variables, signal) => {
    const response = await send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document.toString(), variables }),
      ...(signal && { signal }),
    });
    return read<Result<typeof document>>(response);
  };

type Result<Document> = Document extends TypedDocumentString<infer Answered, never> ? Answered : never;

async function read<Data>(response: Response): Promise<Data> {
  const { data, errors } = await (response.json() as Promise<Answer<Data>>).catch((error: unknown) => {
    throw RequestError.unreachable(error);
  });
  const [error] = errors ?? [];
  if (error) throw new RequestError(error.extensions?.code ?? 'INTERNAL', error.message);
  if (!data) throw new RequestError('INTERNAL', strings.errors.noAnswer);
  return data;
}
