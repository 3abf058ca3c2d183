import type { ErrorCode } from '../domain-error.js';

/** A refusal, or a burst of the same one: `count` of them between `from` and `at`. */
export type AccessEvent = {
  type: 'AccessDenied';
  data: {
    operation: string;
    code: ErrorCode;
    reason: string;
    targetType: 'APP' | 'TOKEN' | null;
    targetId: string | null;
    count: number;
    from: string;
    at: string;
  };
};
