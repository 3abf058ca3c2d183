import { strings } from '../strings.js';

/** Why a request failed: a code of the service, or `UNREACHABLE`. The message is a sentence for people. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static unreachable(cause: unknown): RequestError {
    const message = navigator.onLine ? strings.errors.unreachable : strings.errors.offline;
    return new RequestError('UNREACHABLE', message, { cause });
  }
}
