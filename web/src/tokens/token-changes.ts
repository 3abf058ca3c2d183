import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAnnounce } from '../common/announcements.js';
import { useListRequest } from '../common/list-request.js';
import { removeRow, replaceRow, showFromTop } from '../common/pages.js';
import {
  CreateTokenDocument,
  DeleteTokenDocument,
  RevokeTokenDocument,
  type CreateTokenInput,
} from '../graphql/operations.generated.js';
import { strings } from '../strings.js';
import { TOKENS, type Token } from './token-list.js';

const { tokens: texts, common } = strings;

export type Created = { token: Token | null; value: string | null };

/** What can be done to personal access tokens. Each shows its effect in the lists before it resolves. */
export function useTokenChanges() {
  const client = useQueryClient();
  const announce = useAnnounce();
  const request = useListRequest(TOKENS);

  return useMemo(
    () => ({
      async create(input: CreateTokenInput): Promise<Created> {
        const { token, value } = (await request(CreateTokenDocument, { input })).createToken;
        await showFromTop(client, TOKENS);
        announce(token ? texts.wasCreated(token.name) : common.stale);
        return { token: token ?? null, value: value ?? null };
      },

      async revoke({ id, name }: Token): Promise<void> {
        const { token } = (await request(RevokeTokenDocument, { input: { id } })).revokeToken;
        if (token) replaceRow(client, TOKENS, token);
        announce(texts.wasRevoked(name));
      },

      async remove({ id, name }: Token): Promise<void> {
        await request(DeleteTokenDocument, { input: { id } });
        removeRow(client, TOKENS, id);
        announce(texts.wasDeleted(name));
      },
    }),
    [client, announce, request],
  );
}

export type TokenChanges = ReturnType<typeof useTokenChanges>;
