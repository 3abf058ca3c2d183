#!/usr/bin/env node
import 'reflect-metadata';
import { auditExport } from './audit-export.command.js';
import { auditPublish } from './audit-publish.command.js';
import { auditVerify } from './audit-verify.command.js';
import { keysList, keysNew, keysRotate } from './keys.command.js';
import { logCopy } from './log-copy.command.js';
import { logPrepare } from './log-prepare.command.js';
import {
  projectionsList,
  projectionsParked,
  projectionsRebuild,
  projectionsReset,
  projectionsRetry,
  projectionsSkip,
} from './projections.command.js';
import { runCommandLine } from './run-command-line.js';
import { tokensExpire } from './tokens-expire.command.js';

const commands = [
  projectionsList,
  projectionsRebuild,
  projectionsParked,
  projectionsRetry,
  projectionsSkip,
  projectionsReset,
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
process.exitCode = await runCommandLine(process.argv.slice(2), commands);
