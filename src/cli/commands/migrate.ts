import { type Command, Option } from 'commander';
import { withEndpoints } from '../endpoints.js';
import { repeatable } from '../flags.js';

/** Adds the flags that all commands of `migrate` take. */
function common(command: Command): Command {
  return command
    .option('--directory <folder>', 'folder of the migrations (default: ksql/migrations)')
    .option('--json', 'write one JSON document to stdout');
}

function withServer(command: Command): Command {
  return common(
    withEndpoints(command, 'ksqldb').option(
      '--wait [seconds]',
      'wait until the server is ready (default without a number: 120)',
    ),
  );
}

function defines(command: Command): Command {
  return command.option('-d, --define <name=value>', 'set the variable ${name}; repeatable', repeatable);
}

function selection(command: Command): Command {
  return defines(command)
    .option('-u, --until <version>', 'stop after this version')
    .option('-n, --next', 'the next version only')
    .option('--only <version>', 'this version only')
    .option('--resume-at <statement>', 'resume an unfinished file at this statement');
}

function lockTimeout(command: Command): Command {
  return command.option('--lock-timeout <seconds>', 'how long to wait for the lock', '60');
}

function yes(command: Command): Command {
  return command.option('--yes', 'do not ask for confirmation');
}

function exitCode(command: Command, when: string): Command {
  return command.option('--exit-code', `exit with 3 if ${when}`);
}

function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('before', `Examples:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

export function addMigrateCommand(program: Command): void {
  const migrate = examples(
    program.command('migrate').description('bring a ksqlDB cluster to the newest version of the migrations'),
    'paystream migrate                    apply the pending migrations in order',
    'paystream migrate plan               validate and show them, change nothing',
    'paystream migrate status             show what is applied and what is pending',
    'paystream migrate new "add refunds"  create the next file',
    'paystream migrate undo               undo the newest migration',
  );
  const add = (name: string, description: string) => migrate.command(name).description(description);

  const apply = migrate
    .command('apply', { isDefault: true })
    .alias('up')
    .description('apply the pending migrations (default command)');
  lockTimeout(selection(withServer(apply)))
    .addOption(new Option('-a, --all', 'all pending migrations, which is the default').hideHelp())
    .option('--dry-run', 'do the same as `plan`')
    .action(async (flags) => (await import('../migrate/apply.js')).runApply(flags));
  examples(
    apply,
    'paystream migrate --until 4',
    'paystream migrate --next --define region=eu',
    'paystream migrate --wait 60 --lock-timeout 300 --json',
  );

  const plan = add('plan', 'let the server validate the pending migrations and show them; changes nothing');
  exitCode(selection(withServer(plan)), 'a migration is pending').action(async (flags) =>
    (await import('../migrate/plan.js')).runPlan(flags),
  );
  examples(
    plan,
    'paystream migrate plan',
    'paystream migrate plan --exit-code   for CI: 0 nothing to do, 3 pending, 1 refused',
  );

  const status = add('status', 'show the state of every version').alias('info');
  exitCode(withServer(status), 'a migration is pending').action(async (flags) =>
    (await import('../migrate/status.js')).runStatus(flags),
  );
  examples(status, 'paystream migrate status --json');

  const validate = add('validate', 'compare the applied files with the history');
  withServer(validate).action(async (flags) => (await import('../migrate/validate.js')).runValidate(flags));
  examples(validate, 'paystream migrate validate');

  const lint = add('lint', 'check the files without a server');
  defines(common(withEndpoints(lint)))
    .option('--strict', 'fail on warnings as well')
    .option('--format <format>', 'text, json, or github for annotations', 'text')
    .action(async (flags) => (await import('../migrate/lint.js')).runLint(flags));
  examples(lint, 'paystream migrate lint', 'paystream migrate lint --format github');

  const drift = add('drift', 'compare the cluster with what the applied files create');
  exitCode(defines(withServer(drift)), 'they differ').action(async (flags) =>
    (await import('../migrate/drift.js')).runDrift(flags),
  );
  examples(drift, 'paystream migrate drift --exit-code');

  const create = add('new <description...>', 'create the next migration as an empty file').alias('create');
  common(withEndpoints(create))
    .option('-v, --version <version>', 'use this version (default: the next free one)')
    .option('--undo', 'create the undo file as well')
    .action(async (words, flags) => (await import('../migrate/new.js')).runNew(words, flags));
  examples(create, 'paystream migrate new add refunds --undo');

  const undo = add('undo', 'undo migrations with their undo files, newest first');
  yes(lockTimeout(defines(withServer(undo))))
    .option('--to <version>', 'the version to go back to; 0 undoes all (default: undo one)')
    .option('--dry-run', 'show what would run')
    .action(async (flags) => (await import('../migrate/undo.js')).runUndo(flags));
  examples(undo, 'paystream migrate undo', 'paystream migrate undo --to 3 --yes');

  const repair = add('repair', 'repair the history: accept changed files, forget a failed run');
  yes(lockTimeout(withServer(repair)))
    .option('--checksums', 'only accept the current checksums of the files')
    .option('--clear-error', 'only treat the unfinished version as never started')
    .option('--dry-run', 'show what would be repaired')
    .action(async (flags) => (await import('../migrate/repair.js')).runRepair(flags));
  examples(repair, 'paystream migrate repair --checksums');

  const baseline = add('baseline', 'record versions as applied without running them');
  lockTimeout(withServer(baseline))
    .requiredOption('--at <version>', 'the newest version that the cluster already has')
    .action(async (flags) => (await import('../migrate/baseline.js')).runBaseline(flags));
  examples(baseline, 'paystream migrate baseline --at 4');

  const init = add('init', 'create the history; `migrate` does it by itself').alias('initialize-metadata');
  withServer(init).action(async (flags) => (await import('../migrate/init.js')).runInit(flags));
  examples(init, 'paystream migrate init --wait');

  const destroy = add('destroy', 'delete the history; the objects that the migrations created remain');
  yes(lockTimeout(withServer(destroy.alias('destroy-metadata')))).action(async (flags) =>
    (await import('../migrate/destroy.js')).runDestroy(flags),
  );
  examples(destroy, 'paystream migrate destroy');

  const unlock = add('unlock', 'remove the lock of a dead run');
  yes(withServer(unlock)).action(async (flags) => (await import('../migrate/unlock.js')).runUnlock(flags));
  examples(unlock, 'paystream migrate unlock');
}
