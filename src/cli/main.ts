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

// A command file imports what it runs only when it runs, so that every command starts quickly.
const program = new Command('paystream')
  .description('Move payments from Kafka through versioned ksqlDB migrations into the customer store.')
  .version(VERSION)
  .showHelpAfterError('Run `paystream --help` for a list of commands.')
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

// A reader may stop early, such as `paystream query ... | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? EXIT.ok);
});

/** Commands that already exist do not inherit `exitOverride`, so it is set on each. */
function overrideExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) overrideExit(inner);
}
overrideExit(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version exit with 0. Commander has already explained any other case.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    reportError(error);
    if (process.argv.includes('--json')) reportErrorAsJson(error);
    process.exitCode = error instanceof CodedError ? exitCodeOf(error.code) : EXIT.failed;
  }
}
