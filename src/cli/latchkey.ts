#!/usr/bin/env node
import 'reflect-metadata';
import { auditExport } from './audit-export.command.js';
import { auditPublish } from './audit-publish.command.js';
import { auditVerify } from './audit-verify.command.js';
import { keysList, keysNew, keysRotate } from './keys.command.js';
import { logCopy } from './log-copy.command.js';
import { logPrepare } from './log-prepare.command.js';
import { runCommandLine } from './run-command-line.js';
import { tokensExpire } from './tokens-expire.command.js';

const args = process.argv.slice(2);
const commands = [
  auditExport,
  auditPublish,
  auditVerify,
  tokensExpire,
  keysNew,
  keysRotate,
  keysList,
  logCopy,
  logPrepare,
];
if (!commands.some(({ name }) => name.split(' ')[0] === args[0])) {
  // Loads the database's client, which takes its time; other commands need not wait for it.
  const { projectionsCommands } = await import('./projections.command.js');
  commands.unshift(...projectionsCommands);
}
process.exitCode = await runCommandLine(args, commands);
