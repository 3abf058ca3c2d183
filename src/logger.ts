import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

/** Never written, whatever carries them. */
const secrets = [
  'authorization',
  'clientSecret',
  'value',
  'secret',
  'password',
  'token',
  'access_token',
  'client_secret',
  'KEY_RING',
];

export function createLog(level: string): Logger {
  const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[redacted]' } });
}

/** Nest's logger over pino: one JSON object a line. */
export class JsonLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.#write('info', message, context);
  }

  error(message: unknown, ...rest: string[]): void {
    this.#write('error', message, rest.at(-1));
  }

  warn(message: unknown, context?: string): void {
    this.#write('warn', message, context);
  }

  debug(message: unknown, context?: string): void {
    this.#write('debug', message, context);
  }

  verbose(message: unknown, context?: string): void {
    this.#write('trace', message, context);
  }

  #write(level: 'trace' | 'debug' | 'info' | 'warn' | 'error', message: unknown, context?: string): void {
    if (message instanceof Error) this.logger[level]({ context, error: described(message) }, message.message);
    else this.logger[level]({ context }, String(message));
  }
}

type Described = { name: string; message: string; stack: string | undefined; cause: Described | undefined };

/** Of an error only these: the parameters of a failed query are nobody's business. */
function described({ name, message, stack, cause }: Error): Described {
  return { name, message, stack, cause: cause instanceof Error ? described(cause) : undefined };
}
