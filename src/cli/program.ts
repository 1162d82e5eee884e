/**
 * The `troupe` command: which commands there are, what they take, and what becomes of their failures. A command
 * returns an exit code or throws; what it throws is one line on stderr.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { TroupeError } from '../core/errors.js';
import { check } from './check.js';
import { exportJournal } from './export.js';
import { importJournal } from './import.js';
import { ls } from './ls.js';
import { migrateCheck } from './migrate.js';
import { ExitCode, type ExitCodeValue, Output, type Sink } from './output.js';
import { replay } from './replay.js';
import { showActor, showJournal, showRecord } from './show.js';
import { toJson } from './text.js';
import { tree } from './tree.js';
import { why } from './why.js';

/** What the command line is run with. */
export interface ProgramWorld {
  out: Sink;
  err: Sink;
  version: string;
}

const exitCodesText = `
Exit codes:
  0  done, and nothing wrong
  1  done, and something found: problems, a difference, states that do not fit
  2  the command line was not understood
  3  it could not be done: no journal, no such actor, history gone, ...`;

/** Options of every command. */
interface Common {
  journal: string;
  json: boolean;
}

/** Run a command line. @param args without the program's name */
export async function runProgram(args: readonly string[], world: ProgramWorld): Promise<ExitCodeValue> {
  let code: ExitCodeValue = ExitCode.ok;
  const program = buildProgram(world, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    sayFailure(error, args.includes('--json'), world.err);
    return ExitCode.failed;
  }
}

function sayFailure(error: unknown, isJson: boolean, err: Sink): void {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = String(message ?? error);
  if (isJson) err.write(`${toJson({ kind: 'error', code, message: text })}\n`);
  else err.write(`troupe: ${TroupeError.is(error) ? `${error.code}: ` : ''}${text}\n`);
}

function buildProgram(world: ProgramWorld, done: (code: ExitCodeValue) => void): Command {
  const program = new Command('troupe')
    .description('Look into the journal of a troupe system, stopped or running.')
    .version(world.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => void world.out.write(text), writeErr: (text) => void world.err.write(text) })
    .addHelpText('after', `\nExample:\n  $ troupe journal ls --journal ./data\n${exitCodesText}`);

  const common = (command: Command, example: string): Command =>
    command
      .addOption(new Option('-j, --journal <folder>', 'the journal').env('TROUPE_JOURNAL').makeOptionMandatory())
      .option('--json', 'one JSON object a line, for programs', false)
      .exitOverride()
      .addHelpText('after', `\nExample:\n  $ ${example}\n${exitCodesText}`);
  const output = ({ json }: Common): Output => new Output(world.out, json);

  const journal = program
    .command('journal')
    .description('The actors, records and files of a journal.')
    .addHelpText('after', '\nExample:\n  $ troupe journal check --journal ./data');
  common(
    journal.command('ls').description('list actors').argument('[path]', 'only this one and those below it', '/'),
    'troupe journal ls /orders --journal ./data',
  )
    .option('--ended', 'also those that have ended', false)
    .option('--limit <count>', 'at most so many', whole, 1_000)
    .action(async (path: string, options: Common & { ended: boolean; limit: number }) =>
      done(await ls(path, options, output(options))),
    );
  common(
    journal
      .command('show')
      .description('show the journal, an actor as it stands, or a record of the log')
      .argument('[path]', 'an actor; also "#17" by its number'),
    'troupe journal show /orders/order-17 --journal ./data',
  )
    .option('--record <position>', 'a record of the log, operation by operation', whole)
    .action(async (path: string | undefined, options: Common & { record?: number }) => {
      const out = output(options);
      if (options.record !== undefined) done(await showRecord(options.record, options, out));
      else done(path === undefined ? await showJournal(options, out) : await showActor(path, options, out));
    });
  common(
    journal.command('check').description('read every record and say what is wrong'),
    'troupe journal check --journal ./data',
  ).action(async (options: Common) => done(await check(options, output(options))));
  common(
    journal
      .command('export')
      .description('write the journal into one file')
      .argument('<file>', 'a new file; - for stdout'),
    'troupe journal export backup.troupe --journal ./data',
  ).action(async (file: string, options: Common) =>
    done(await exportJournal(file, options, output(options), world.out)),
  );
  common(
    journal.command('import').description('make a journal of an export').argument('<file>', 'what export has written'),
    'troupe journal import backup.troupe --journal ./restored',
  ).action(async (file: string, options: Common) => done(await importJournal(file, options, output(options))));

  addTree(program, common, output, done);
  addWhy(program, common, output, done);
  addReplay(program, common, output, done);
  addMigrate(program, common, output, done);
  return program;
}

type AddCommon = (command: Command, example: string) => Command;

function addTree(
  program: Command,
  common: AddCommon,
  output: (options: Common) => Output,
  done: (code: ExitCodeValue) => void,
): void {
  common(
    program
      .command('tree')
      .description('who lives below whom, and how they stand')
      .argument('[path]', 'only this actor and those below it; also "#17"', '/'),
    'troupe tree /shop --journal ./data',
  )
    .option('--all', 'every actor: else of many of one definition only the first', false)
    .addOption(new Option('--mermaid', "a flowchart in Mermaid's language").default(false).conflicts('json'))
    .action(async (path: string, options: Common & { all: boolean; mermaid: boolean }) =>
      done(await tree(path, options, output(options))),
    );
}

function addWhy(
  program: Command,
  common: AddCommon,
  output: (options: Common) => Output,
  done: (code: ExitCodeValue) => void,
): void {
  common(
    program
      .command('why')
      .description('what failed of an actor (of a supervisor also its children), who decided, and what was done')
      .argument('<path>', 'an actor; also "#17" by its number'),
    'troupe why /shop --journal ./data',
  )
    .option('--last <count>', 'only the last so many failures', positive, 10)
    .action(async (path: string, options: Common & { last: number }) =>
      done(await why(path, options, output(options))),
    );
}

function addReplay(
  program: Command,
  common: AddCommon,
  output: (options: Common) => Output,
  done: (code: ExitCodeValue) => void,
): void {
  interface Given extends Common {
    from?: number;
    to?: number;
    last?: number;
    verify: boolean;
    definitions: string[];
  }
  common(
    program
      .command('replay')
      .description('which message, from whom, led from which state to which')
      .argument('<path>', 'an actor; also "#17" by its number'),
    'troupe replay /orders/order-17 --to 12 --journal ./data',
  )
    .option('--from <turn>', 'begin with this turn', whole)
    .option('--to <turn>', 'end with this turn, and show the state after it', whole)
    .option('--last <count>', 'only the last so many entries', whole)
    .addOption(
      new Option('--verify', 'run the turns again with the code as it is now, without effects, and compare')
        .default(false)
        .conflicts(['from', 'last']),
    )
    .option('--definitions <modules...>', 'where the definitions are; default: where the journal says', [])
    .action(async (path: string, options: Given) => done(await replay(path, options, output(options))));
}

function addMigrate(
  program: Command,
  common: AddCommon,
  output: (options: Common) => Output,
  done: (code: ExitCodeValue) => void,
): void {
  interface Given extends Common {
    definitions: string[];
  }
  common(
    program.command('migrate').description('try every stored state against the definitions as they are now'),
    'troupe migrate --check --definitions ./dist/orders.js --journal ./data',
  )
    .addOption(new Option('--check', 'only try; a state is migrated when its actor wakes').makeOptionMandatory())
    .option('--definitions <modules...>', 'where the definitions are; default: where the journal says', [])
    .action(async (options: Given) => done(await migrateCheck(options, output(options))));
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function positive(text: string): number {
  const value = whole(text);
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}
