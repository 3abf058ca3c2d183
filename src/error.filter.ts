import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { GqlContextType } from '@nestjs/graphql';
import type { FastifyReply } from 'fastify';
import type { ErrorCode } from './domain-error.js';
import { failure } from './http.js';

/** Errors of plain HTTP routes in the one form that all our errors have. GraphQL's are told by `formatError`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('HTTP');

  catch(error: Error & { statusCode?: number }, host: ArgumentsHost): unknown {
    if (host.getType<GqlContextType>() === 'graphql') return error;
    const status = error instanceof HttpException ? error.getStatus() : (error.statusCode ?? 500);
    if (status >= 500) this.#logger.error(error);
    return host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .code(status)
      .send(failure(codeOf(status), messageOf(status, error)));
  }
}

function messageOf(status: number, { message }: Error): string {
  // The usual sentence shows the address, and that may hold a secret.
  if (status === 404) return 'There is nothing at this address.';
  return status >= 500 ? 'Something went wrong here.' : message;
}

function codeOf(status: number): ErrorCode {
  if (status === 404) return 'NOT_FOUND';
  return status >= 500 ? 'INTERNAL' : 'BAD_USER_INPUT';
}
