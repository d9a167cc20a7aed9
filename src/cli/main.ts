#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CodedError } from '../errors/paystream-error.js';
import { addChannelCommand } from './commands/channel.js';
import { addConsoleCommand } from './commands/console.js';
import { addDevCommand } from './commands/dev.js';
import { addExporterCommand } from './commands/exporter.js';
import { addMigrateCommand } from './commands/migrate.js';
import { addQueryCommand } from './commands/query.js';
import { addSinkCommand } from './commands/sink.js';
import { addStatusCommand } from './commands/status.js';
import { addStoreCommand } from './commands/store.js';
import { addTestCommand } from './commands/test.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { reportError, reportErrorAsJson } from './output.js';
import { endOnSignals } from './signals.js';
import { VERSION } from './version.js';

endOnSignals();

// Command files hold flags and help only and load their work when they run, so that every command starts in a blink.
const program = new Command('paystream')
  .description('Payments from Kafka through versioned ksqlDB migrations into the customer store.')
  .version(VERSION)
  .showHelpAfterError('(paystream --help lists the commands)')
  .configureHelp({ sortSubcommands: false, showGlobalOptions: true });

addDevCommand(program);
addMigrateCommand(program);
addSinkCommand(program);
addExporterCommand(program);
addStatusCommand(program);
addTestCommand(program);
addQueryCommand(program);
addChannelCommand(program);
addConsoleCommand(program);
addStoreCommand(program);

// A reader that has seen enough (`paystream query ... | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? EXIT.ok);
});

/** `exitOverride` is not inherited by commands that were added before it: set it on all. */
function overrideExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) overrideExit(inner);
}
overrideExit(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version end with 0; everything else is wrong use, which commander has already explained.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    reportError(error);
    if (process.argv.includes('--json')) reportErrorAsJson(error);
    process.exitCode = error instanceof CodedError ? exitCodeOf(error.code) : EXIT.failed;
  }
}
