#!/usr/bin/env node
import { keysList, keysNew, keysRotate } from './keys.command.js';
import { logCopy } from './log-copy.command.js';
import { logPrepare } from './log-prepare.command.js';
import { runCommandLine } from './run-command-line.js';

process.exitCode = await runCommandLine(process.argv.slice(2), [keysNew, keysRotate, keysList, logCopy, logPrepare]);
