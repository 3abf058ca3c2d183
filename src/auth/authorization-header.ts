import type { FastifyRequest } from 'fastify';

const NAME = 'authorization';

/**
 * Whether there is more than one: Node keeps the first without a word, and a proxy may have looked at another. Counted by hand:
 * `headersDistinct` takes twenty times as long.
 */
export function hasSeveralAuthorizations({ raw: { rawHeaders } }: FastifyRequest): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (isAuthorization(rawHeaders[index])) count += 1;
  return count > 1;
}

const isAuthorization = (name = '') => name.length === NAME.length && name.toLowerCase() === NAME;
