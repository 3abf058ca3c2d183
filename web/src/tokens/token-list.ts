import { useListQuestion } from '../common/list-question.js';
import { usePages } from '../common/pages.js';
import {
  TokensDocument,
  type TokenFilter,
  type TokenOrder,
  type TokenRowFragment,
} from '../graphql/operations.generated.js';
import { useService } from '../service.js';
import { strings } from '../strings.js';

export type Token = TokenRowFragment;

export const TOKENS = 'tokens';

const { statuses, orders } = strings.tokens;
type Status = keyof typeof statuses;
type Order = keyof typeof orders;

const sorting: Readonly<Record<Order, TokenOrder>> = {
  newest: { field: 'CREATED_AT', direction: 'DESC' },
  oldest: { field: 'CREATED_AT', direction: 'ASC' },
  name: { field: 'NAME', direction: 'ASC' },
  'name-descending': { field: 'NAME', direction: 'DESC' },
  expires: { field: 'EXPIRES_AT', direction: 'ASC' },
  'expires-descending': { field: 'EXPIRES_AT', direction: 'DESC' },
};

/** The personal access tokens that the address asks for. */
export function useTokens(asOf: string | null) {
  const { request } = useService();
  const question = useListQuestion<Status, Order>(TOKENS, statuses, orders);
  const filter: TokenFilter = {
    ...(question.text && { name: question.text }),
    ...(question.status && { status: [question.status] }),
    ...(question.createdBy && { createdBy: question.createdBy }),
  };
  const orderBy = sorting[question.order];
  const list = usePages<Token>([TOKENS, filter, orderBy, asOf], async (page, signal) => {
    const { tokens } = await request(TokensDocument, { filter, orderBy, asOf, ...page }, signal);
    return tokens;
  });
  return { question, list };
}
