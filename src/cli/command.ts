import type { ParseArgsConfig } from 'node:util';

/** What a command has to tell, in both forms; `failure` makes it fail all the same. */
export type Told = { text: string; json: unknown; failure?: string | undefined };

/** What somebody can ask of `latchkey` on the command line. */
export type Command = {
  /** The words that it is called by: `log copy`. */
  name: string;
  /** One line for the list of all commands. */
  summary: string;
  /** What `--help` prints. */
  help: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** The words that may follow its name, in any number. Without them it takes options only. */
  words?: readonly string[];
  /** Throws a sentence when it fails, a `UsageError` when it was asked wrongly; `null` when its result is written already. */
  run(options: Readonly<Record<string, unknown>>, words: readonly string[]): Promise<Told | null>;
};

/** It was asked wrongly: nothing has been done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
