import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { RequestError } from '../graphql/request-error.js';
import type { Requester } from '../graphql/requester.js';
import { useService } from '../service.js';

/** Asks for a change to a row of a list. When the row turns out to be gone, the list is fetched again. */
export function useListRequest(list: string): Requester {
  const client = useQueryClient();
  const { request } = useService();
  return useCallback(
    (document, variables, signal) =>
      request(document, variables, signal).catch((error: unknown) => {
        if (error instanceof RequestError && error.code === 'NOT_FOUND')
          void client.invalidateQueries({ queryKey: [list] });
        throw error;
      }),
    [client, list, request],
  );
}
