import { parseArgs } from 'node:util';
import { UsageError, type Command } from './command.js';

const OK = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/** Does what the arguments ask: results go to standard output, all else to standard error. Answers the exit code. */
export async function runCommandLine(args: string[], commands: readonly Command[]): Promise<number> {
  try {
    await run(args, commands);
    return OK;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}

async function run(args: string[], commands: readonly Command[]): Promise<void> {
  const command = commands.find(({ name }) => startsWith(args, name.split(' ')));
  if (!command) {
    const list = overview(args, commands);
    if (args.length > 0 && !args.some(isHelp)) throw new UsageError(`A word is missing.\n\n${list}`);
    return console.log(list);
  }

  const { options, words } = readArgs(args.slice(command.name.split(' ').length), command);
  if (options['help']) return console.log(`${command.help}\n${COMMON_HELP}`);
  const told = await command.run(options, words);
  if (!told) return;
  console.log(options['json'] ? jsonOf(told.json) : told.text);
  if (told.failure !== undefined) throw new Error(told.failure);
}

const COMMON_HELP = `
Every command: --json prints the result as JSON, --help this text. Exit codes: 0 done, 1 failed, 2 asked wrongly.`;

const jsonOf = (value: unknown) =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each), 2);

const startsWith = (args: string[], words: string[]) => words.every((word, index) => args[index] === word);

/** All commands, or those that begin with the words given. */
function overview(args: string[], commands: readonly Command[]): string {
  const words = args.filter((arg) => !isHelp(arg));
  const meant = commands.filter(({ name }) => startsWith(name.split(' '), words));
  // Not quoted: a misplaced address would show its password.
  if (meant.length === 0) throw new UsageError('There is no such command. "latchkey --help" lists what there is.');
  const width = Math.max(...meant.map(({ name }) => name.length));
  return [
    'Usage: latchkey <command> [options]',
    '',
    ...meant.map(({ name, summary }) => `  latchkey ${name.padEnd(width)}  ${summary}`),
    '',
    '"latchkey <command> --help" tells more.',
  ].join('\n');
}

const isHelp = (arg: string) => arg === '--help' || arg === '-h';

function readArgs(args: string[], { name, options, words = [] }: Command) {
  const help = `"latchkey ${name} --help" tells more.`;
  const { values, positionals } = parsed(args, options, help);
  if (positionals.every((word) => words.includes(word))) return { options: values, words: positionals };
  const taken = words.length > 0 ? `the words ${words.join(', ')} and options` : 'options';
  throw new UsageError(`"latchkey ${name}" takes ${taken} only. ${help}`);
}

function parsed(args: string[], options: Command['options'], help: string) {
  try {
    const all = { ...options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args, options: all, allowPositionals: true });
  } catch (error) {
    // The first sentence names the option, what follows is about arguments that begin with a dash.
    const [reason] = (error as Error).message.split(/\.?(?:\s*\n|\. )/);
    throw new UsageError(`${reason}. ${help}`, { cause: error });
  }
}
