import { QueryClient } from '@tanstack/react-query';
import { RequestError } from './request-error.js';

const PASSING = ['UNREACHABLE', 'UNAVAILABLE'];
const MOST_RETRIES = 2;

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // The service may run on this very machine: being offline says nothing about it.
        networkMode: 'always',
        refetchOnReconnect: true,
        staleTime: 5_000,
        retry: (failures, error) => failures < MOST_RETRIES && isPassing(error),
        retryDelay: (failures) => 400 * 2 ** failures,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });

const isPassing = (error: unknown) => error instanceof RequestError && PASSING.includes(error.code);
