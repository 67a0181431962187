import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { LabError, quote } from '../math/lab-error.ts';
import { nearest, suggestion } from '../model/nearest.ts';
import { VIEWS } from '../session/session.ts';
import { THEMES } from '../ui/theme/theme.ts';
import { trace } from './commands/trace.ts';

export { explainError } from './exit.ts';

/** The command line: what each word means. Every command's work is in commands/. */
function makeProgram(version: string): Command {
  const program = new Command('lstm-lab')
    .description(
      'A debugger for LSTMs, in the terminal: step through a model of Keras, TensorFlow.js, PyTorch or ONNX timestep by timestep, equation by equation.',
    )
    .version(version, '-V, --version')
    .configureHelp({ sortSubcommands: false })
    .addHelpText('before', EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(inWords(text)) })
    .exitOverride()
    .enablePositionalOptions()
    .allowExcessArguments()
    .hook('preAction', (_, command) => refuseExcess(command, program));

  const reading = (command: Command) =>
    command
      .option('--seed <number>', 'seeds what is drawn: weights and an input that are not given', seed)
      .option('--config <file>', 'for a file of weights only: the model, as Keras’s JSON or YAML, or a preset')
      .option('--preset <name|file>', 'for a file of weights only: the preset whose layers they are of')
      .option('--layers <names>', 'PyTorch: the modules in the order in which they run: embedding,lstm,fc', list)
      .addOption(
        new Option('--assume <what...>', 'PyTorch: what a state dict does not say').choices(['relu', 'every-timestep']),
      );
  const computing = (command: Command) =>
    reading(command)
      .option(
        '--input <numbers|file>',
        'the input: "0.1,0.2,0.3" (";" ends a timestep), or a file: .json, .npy, .npz, .csv; - is standard input',
      )
      .option('--text <text>', 'the input as words, where there is a vocabulary')
      .option('--vocabulary <file>', 'for --text: a Keras Tokenizer, a list of words or characters, word → index')
      .option('--initial-state <numbers|file>', 'what recurrent layers start from: "h; c", or a file with h and c')
      .option(
        '--memory <MB>',
        'what a trace may take; parts of a longer one are computed when they are looked at (256)',
        positive,
      )
      .addOption(
        new Option(
          '--engine <name>',
          'reference (mathjs evaluates the equations), kernel (float64), simd (float32), or auto: in the lab reference for what is small, else simd',
        )
          .choices(['auto', 'reference', 'kernel', 'simd'])
          .default('auto'),
      );
  const opening = (command: Command) =>
    computing(command).option('--sample <number>', 'only this sample, counted from 1', positive);
  const looking = (command: Command) =>
    command
      .addOption(new Option('--theme <name>', 'how it is coloured').choices([...THEMES]))
      .option('--no-color', 'no colours (NO_COLOR does the same)')
      .option('--ascii', 'only ASCII characters');
  const placed = (command: Command) =>
    command
      .option('--layer <name>', 'start at this layer')
      .option('--step <number>', 'start at this timestep, counted from 0', natural)
      .option('--unit <number>', 'start at this unit, counted from 0', natural)
      .addOption(new Option('--view <name>', 'start with this view').choices([...VIEWS]));

  looking(placed(opening(program)))
    .argument(
      '[model]',
      'a model’s file, a preset’s name or file, or - for a preset on standard input; without it, the list of presets',
    )
    .action(async (name: string | undefined, options) => {
      const { lab } = await import('./commands/lab.ts');
      await lab(name, options, commandNames(program));
    });

  program
    .command('presets')
    .description('list the presets')
    .option('--json', 'as JSON')
    .action(lazily(async () => (await import('./commands/presets.ts')).presets));

  reading(program.command('summary'))
    .description('layers, output shapes, parameters and connections, as Keras’s model.summary()')
    .argument('<model>', MODEL)
    .option('--json', 'as JSON')
    .action(lazily(async () => (await import('./commands/summary.ts')).summary));

  program
    .command('inspect')
    .description('every array in a file: shape, type, statistics, and which gate each of its blocks is')
    .argument('<file>', 'a model’s file, or one of weights only')
    .option('--json', 'as JSON')
    .action(lazily(async () => (await import('./commands/inspect.ts')).inspect));

  reading(program.command('convert'))
    .description('write a model as another kind of file')
    .argument('<model>', MODEL)
    .requiredOption('-o, --output <file>', 'its ending says the kind: .keras, .h5, .safetensors, or .json, a preset')
    .action(lazily(async () => (await import('./commands/convert.ts')).convert));

  looking(placed(opening(program.command('show'))))
    .description('one frame of the lab as text')
    .argument('<model>', MODEL)
    .addOption(
      new Option('--size <columns>x<rows>', 'the screen’s size')
        .argParser(size)
        .default({ columns: 100, rows: 30 }, '100x30'),
    )
    .option('--stage <symbol>', 'how far the timestep has been computed: z_i … h')
    .option('--zoom <symbol>', 'the Gates view with one quantity full size')
    .option('--whole-run', 'what the cursor has not reached too, dimmed')
    .addOption(
      new Option(
        '--format <format>',
        'svg, or text (coloured on a terminal); without it, svg for a file that ends in .svg',
      ).choices(['text', 'svg']),
    )
    .option('-o, --output <file>', 'write to a file')
    .action(lazily(async () => (await import('./commands/show.ts')).show));

  opening(program.command('trace'))
    .description('every quantity at every timestep, as JSON, CSV or NPZ')
    .argument('<model>', MODEL)
    .option('--layer <names>', 'only these layers: lstm_1,lstm_2', list)
    .option('--quantity <symbols>', 'only these quantities: i,f,c,h', list)
    .addOption(new Option('--format <format>', 'json, csv or npz').choices(['json', 'csv', 'npz']))
    .option('-o, --output <file>', 'write to a file (its ending says the format)')
    .action(trace);

  computing(program.command('check'))
    .description('hold every number of a run against its equation, and say by how much they differ')
    .argument('<model>', MODEL)
    .option('--sample <number>', 'so many timesteps of each layer, drawn at random (--seed), not all of them', positive)
    .option('--layer <names>', 'only these layers: lstm_1,lstm_2', list)
    .option('--json', 'as JSON')
    .action(lazily(async () => (await import('./commands/check.ts')).check));

  program
    .command('help')
    .description('what a command does, and its options')
    .argument('[command]')
    .action((name: string | undefined) => help(program, name));

  return program;
}

/** What commander says, in the lab's way: what happened, and what to do. */
function inWords(text: string): string {
  const said = text.replace(/^error: /, 'lstm-lab: ').trimEnd();
  const hint = /missing required argument/.test(said)
    ? `a model’s file, or a preset’s name; "lstm-lab presets" lists the presets.`
    : /unknown option/.test(said) && !/Did you mean/.test(said)
      ? '--help lists the options.'
      : undefined;
  return `${hint === undefined ? said : `${said.replace(/\.?$/, '.')} Hint: ${hint}`}\n`;
}

/** More words than a command takes: the first may be a command that is misspelt, and was taken for a preset. */
function refuseExcess(command: Command, program: Command): void {
  const { args, registeredArguments: wanted } = command;
  const excess = args.slice(wanted.length);
  if (excess.length === 0) return;
  const near = command === program ? nearest(args[0], commandNames(program)) : undefined;
  const name = command === program ? 'lstm-lab' : `lstm-lab ${command.name()}`;
  const help = command === program ? 'lstm-lab --help' : `lstm-lab help ${command.name()}`;
  throw new LabError({
    kind: 'usage',
    problem: `"${name}" takes ${wanted.length === 0 ? 'no arguments' : `one ${wanted[0].name()}`}.`,
    received: quote(args),
    hint: near
      ? `did you mean "lstm-lab ${near} ${args.slice(1).join(' ')}"?`
      : `leave out ${excess.map((word) => quote(word)).join(', ')}, or quote what has spaces in it; "${help}" lists the options.`,
  });
}

function help(program: Command, name: string | undefined): void {
  const found = name === undefined ? program : program.commands.find((command) => command.name() === name);
  if (!found)
    throw new LabError({
      kind: 'usage',
      problem: 'there is no such command.',
      received: JSON.stringify(name),
      hint: suggestion(name as string, commandNames(program)),
    });
  found.outputHelp();
}

/** The work of a command, which is loaded when it is called for: most of a start would be loading that of the others. */
function lazily<A extends unknown[]>(
  load: () => Promise<(...args: A) => Promise<void>>,
): (...args: A) => Promise<void> {
  return async (...args) => (await load())(...args);
}

/** Runs the command line of the lab of this version. Returns the exit code; messages are on standard error. */
export async function run(args: readonly string[], version: string): Promise<number> {
  const program = makeProgram(version);
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

const MODEL = 'a model’s file, or a preset’s name or file';

const EXAMPLES = `Examples:
  lstm-lab                                    choose a preset
  lstm-lab return-sequences                   step through one
  lstm-lab sentiment --text "not good"        with an input of your own
  lstm-lab model.keras --input x.npy          step through your own model
  lstm-lab model.safetensors --input "1,2,3"  PyTorch’s state dict; so are .h5, model.json, .onnx
  lstm-lab inspect model.h5                   every array, and which gate its blocks are
  lstm-lab convert model.pt -o model.keras    PyTorch to Keras, and back
  lstm-lab summary stacked                    what model.summary() says
  lstm-lab trace return-state --format csv    every gate and state, as a table
  lstm-lab show masking --view gates --step 3 one frame as text
  lstm-lab check model.keras                  whether every number is what its equation says
`;

function commandNames(program: Command): string[] {
  return program.commands.map((command) => command.name());
}

function whole(text: string, least: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= 0xffffffff) return value;
  throw new InvalidArgumentError(`A whole number from ${least} is wanted.`);
}
const natural = (text: string) => whole(text, 0);
const positive = (text: string) => whole(text, 1);
const seed = (text: string) => whole(text, 0);

function size(text: string): { columns: number; rows: number } {
  const match = /^(\d{1,4})x(\d{1,4})$/i.exec(text);
  const [columns, rows] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (columns < 1 || rows < 1 || columns > 1000 || rows > 500)
    throw new InvalidArgumentError('Columns and rows are wanted, as in 100x30 (at most 1000x500).');
  return { columns, rows };
}

function list(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length > 0) return names;
  throw new InvalidArgumentError('Names are wanted, with a comma between them.');
}
