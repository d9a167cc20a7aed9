import type { Command } from 'commander';
import { Option } from 'commander';
import { withEndpoints } from '../endpoints.js';

const LOCK_TIMEOUT_S = '60';

function collect(value: string, list: readonly string[] | undefined): readonly string[] {
  return [...(list ?? []), value];
}

/** The flags that all of them take. */
function common(command: Command, server: boolean): Command {
  if (server) {
    withEndpoints(command, 'ksqldb').option(
      '--wait [seconds]',
      'wait until the server is ready (120 s unless told)',
    );
  } else {
    withEndpoints(command);
  }
  return command
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('--json', 'one JSON document on stdout');
}

function defines(command: Command): Command {
  return command.option(
    '-d, --define <name=value>',
    'a variable for ${name} in the files; repeatable',
    collect,
  );
}

function selection(command: Command): Command {
  return defines(command)
    .option('-u, --until <version>', 'up to this version')
    .option('-n, --next', 'the next one only')
    .option('--only <version>', 'this version only')
    .option('--resume-at <statement>', 'for a file that was begun: go on with this statement');
}

function lockTimeout(command: Command): Command {
  return command.option('--lock-timeout <seconds>', 'wait so long for another runner', LOCK_TIMEOUT_S);
}

function examples(command: Command, text: string): Command {
  return command.addHelpText('before', `Examples:\n${text}\n`);
}

export function addMigrateCommand(program: Command): void {
  const migrate = examples(
    program.command('migrate').description('bring a ksqlDB cluster to the newest version of the migrations'),
    `  paystream migrate                    apply what is pending, in order
  paystream migrate plan               show and validate it, change nothing
  paystream migrate status             what is applied, what is pending
  paystream migrate new "add refunds"  write the next file
  paystream migrate undo               take the newest one back`,
  );

  const apply = selection(common(migrate.command('apply', { isDefault: true }), true))
    .alias('up')
    .description('apply the pending migrations (the command without a name)')
    .addOption(new Option('-a, --all', 'all of them: the default').hideHelp())
    .option('--dry-run', 'as `plan`');
  examples(
    lockTimeout(apply),
    `  paystream migrate --until 4
  paystream migrate --next --define region=eu
  paystream migrate --wait 60 --lock-timeout 300 --json`,
  ).action(async (flags) => (await import('../migrate/apply.js')).runApply(flags));

  examples(
    selection(common(migrate.command('plan'), true))
      .description('what would run, validated by the server; changes nothing')
      .option('--exit-code', 'end with 3 if something is pending'),
    `  paystream migrate plan
  paystream migrate plan --exit-code   for CI: 0 nothing, 3 pending, 1 refused`,
  ).action(async (flags) => (await import('../migrate/plan.js')).runPlan(flags));

  examples(
    common(migrate.command('status').alias('info'), true)
      .description('every version and its state')
      .option('--exit-code', 'end with 3 if something is pending'),
    '  paystream migrate status --json',
  ).action(async (flags) => (await import('../migrate/status.js')).runStatus(flags));

  examples(
    common(migrate.command('validate'), true).description('compare the applied files with the history'),
    '  paystream migrate validate',
  ).action(async (flags) => (await import('../migrate/validate.js')).runValidate(flags));

  examples(
    defines(common(migrate.command('lint'), false))
      .description('check the files without a server')
      .option('--strict', 'warnings fail, too')
      .option('--format <format>', 'text, json, or github for annotations', 'text'),
    `  paystream migrate lint
  paystream migrate lint --format github`,
  ).action(async (flags) => (await import('../migrate/lint.js')).runLint(flags));

  examples(
    defines(common(migrate.command('drift'), true))
      .description('compare the cluster with what the applied files make')
      .option('--exit-code', 'end with 3 if they differ'),
    '  paystream migrate drift --exit-code',
  ).action(async (flags) => (await import('../migrate/drift.js')).runDrift(flags));

  examples(
    common(migrate.command('new <description...>').alias('create'), false)
      .description('write the next migration, empty')
      .option('-v, --version <version>', 'another version than the next free one')
      .option('--undo', 'also the file that takes it back'),
    '  paystream migrate new add refunds --undo',
  ).action(async (words, flags) => (await import('../migrate/new.js')).runNew(words, flags));

  examples(
    lockTimeout(
      defines(common(migrate.command('undo'), true))
        .description('take migrations back with their undo files, newest first')
        .option('--to <version>', 'the version that stays; 0 takes all back')
        .option('--dry-run', 'show what would run')
        .option('--yes', 'do not ask'),
    ),
    `  paystream migrate undo
  paystream migrate undo --to 3 --yes`,
  ).action(async (flags) => (await import('../migrate/undo.js')).runUndo(flags));

  examples(
    lockTimeout(
      common(migrate.command('repair'), true)
        .description('correct the history: accept changed files, forget a run that failed')
        .option('--checksums', 'only take over the checksums of the files')
        .option('--clear-error', 'only take the version that was begun as never begun')
        .option('--dry-run', 'show what would be corrected')
        .option('--yes', 'do not ask'),
    ),
    '  paystream migrate repair --checksums',
  ).action(async (flags) => (await import('../migrate/repair.js')).runRepair(flags));

  examples(
    lockTimeout(
      common(migrate.command('baseline'), true)
        .description('write into the history that versions are applied, without running them')
        .requiredOption('--at <version>', 'the newest version that the cluster has'),
    ),
    '  paystream migrate baseline --at 4',
  ).action(async (flags) => (await import('../migrate/baseline.js')).runBaseline(flags));

  examples(
    common(migrate.command('init').alias('initialize-metadata'), true).description(
      'create the history; `migrate` does it by itself',
    ),
    '  paystream migrate init --wait',
  ).action(async (flags) => (await import('../migrate/init.js')).runInit(flags));

  examples(
    lockTimeout(
      common(migrate.command('destroy').alias('destroy-metadata'), true)
        .description('delete the history; what the migrations made stays')
        .option('--yes', 'do not ask'),
    ),
    '  paystream migrate destroy',
  ).action(async (flags) => (await import('../migrate/destroy.js')).runDestroy(flags));

  examples(
    common(migrate.command('unlock'), true)
      .description("remove a dead runner's lock")
      .option('--yes', 'do not ask'),
    '  paystream migrate unlock',
  ).action(async (flags) => (await import('../migrate/unlock.js')).runUnlock(flags));
}
