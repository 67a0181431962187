import { kindOf } from '../layers/kinds.ts';
import { callName } from '../model/graph.ts';
import { suggestion } from '../model/nearest.ts';
import type { Action } from '../session/action.ts';
import { position } from '../session/selectors.ts';
import { type OpenSession, type Session, VIEWS } from '../session/session.ts';
import type { Effect } from './binding.ts';
import { keyText } from './key-text.ts';
import { OPEN_BINDINGS } from './keymap.ts';

/** What can be typed after `:`. */
export interface Command {
  readonly text: string;
  readonly help: string;
  readonly does: Action | Effect | { readonly open: string };
}

/** Where the arguments of the keymap's actions make no sense typed. */
const NOT_TYPED: readonly (Action | Effect)[] = ['run-typed', 'complete', 'open-selected'];

/** The commands that begin with the text, then those that contain it. A number alone goes to that timestep. */
export function commandsFor(session: Session, text: string): Command[] {
  if (session.status !== 'open') return [];
  const wanted = text.trim().toLowerCase();
  const numbered = numberCommands(session, wanted);
  if (numbered.length > 0) return numbered;
  const all = [...allCommands(session), ...extremeCommands(session, wanted)];
  const begins = all.filter((command) => command.text.toLowerCase().startsWith(wanted));
  const listed = new Set(begins);
  const contains = all.filter((command) => !listed.has(command) && searched(command).toLowerCase().includes(wanted));
  return [...begins, ...contains];
}

/** A preset's title is shown but not searched: "good" must not open a model because its title has the word. */
function searched({ text, help, does }: Command): string {
  return typeof does === 'object' && 'open' in does ? text : `${text} ${help}`;
}

/** The command that Enter would run: the chosen one of those listed. */
export function commandAt(commands: readonly Command[], selected: number): Command | undefined {
  const { length } = commands;
  return length === 0 ? undefined : commands[((selected % length) + length) % length];
}

/** `12`, `t 12`, `unit 3`, `sample 2`. Counted as on screen: timesteps and units from 0, samples from 1. */
function numberCommands(session: OpenSession, text: string): Command[] {
  const match = /^(t|timestep|unit|sample)?\s*(\d{1,9})$/.exec(text);
  if (!match) return [];
  const at = position(session);
  const number = Number(match[2]);
  const command = (name: string, first: number, count: number, does: Action): Command => {
    const last = first + count - 1;
    const there = first === last ? `only ${name} ${last}` : `${name}s ${first} to ${last}`;
    return number >= first && number <= last
      ? { text: `${name} ${number}`, help: `go to ${name} ${number} of ${at.name}`, does }
      : {
          text: `${name} ${number}`,
          help: `${at.name} has ${there}`,
          does: { type: 'told', message: `${at.name} has ${there}` },
        };
  };
  switch (match[1]) {
    case 'unit':
      return [command('unit', 0, at.units, { type: 'unit-chosen', unit: number })];
    case 'sample':
      return [command('sample', 1, at.sampleCount, { type: 'sample-chosen', sample: number - 1 })];
    default:
      return [command('timestep', 0, at.steps, { type: 'timestep-chosen', timestep: number })];
  }
}

/** `largest lstm_1.c`: the extremes of other layers, once somebody asks for extremes; what there is where these are not. */
function extremeCommands({ subject }: OpenSession, wanted: string): Command[] {
  const [, word, place] = /^(largest|smallest) +(.*)$/.exec(wanted) ?? [];
  if (place === undefined) return [];
  const known = subject.recording.model.calls.map((call) => ({
    name: callName(call),
    symbols: kindOf(call.layer)
      .equations(call.layer, call.inputs.length)
      .map(({ symbol }) => symbol),
  }));
  const commands = known.flatMap(({ name, symbols }) =>
    symbols.map((symbol): Command => {
      const does: Action = {
        type: 'extreme-sought',
        call: name,
        symbol,
        end: word === 'largest' ? 'maximum' : 'minimum',
      };
      return {
        text: `${word} ${name}.${symbol}`,
        help: `go to where ${symbol} of ${name} is ${word} in the run`,
        does,
      };
    }),
  );
  const dot = place.lastIndexOf('.');
  if (dot < 0 || commands.some(({ text }) => text.toLowerCase().startsWith(`${word} ${place}`))) return commands;
  const layer = known.find(({ name }) => name.toLowerCase() === place.slice(0, dot));
  const message = !layer
    ? `there is no layer “${place.slice(0, dot)}”: ${suggestion(
        place.slice(0, dot),
        known.map(({ name }) => name),
      )}`
    : layer.symbols.length === 0
      ? `${layer.name} computes nothing`
      : `${layer.name} has no “${place.slice(dot + 1)}”, but ${layer.symbols.join(', ')}`;
  return [{ text: wanted, help: message, does: { type: 'told', message } }];
}

function allCommands(session: OpenSession): Command[] {
  const { calls } = session.subject.recording.model;
  const at = position(session);
  const commands: Command[] = [
    ...VIEWS.map(
      (view, n): Command => ({ text: `view ${view}`, help: `key ${n + 1}`, does: { type: 'view-chosen', view } }),
    ),
    ...calls.map((call): Command => {
      const name = callName(call);
      return {
        text: `layer ${name}`,
        help: kindOf(call.layer).className(call.layer),
        does: { type: 'call-chosen', name },
      };
    }),
    ...at.equations.flatMap(({ symbol, meaning }) =>
      (['maximum', 'minimum'] as const).map((end): Command => {
        const word = end === 'maximum' ? 'largest' : 'smallest';
        const does: Action = { type: 'extreme-sought', symbol, end };
        return { text: `${word} ${symbol}`, help: `go to where ${symbol} (${meaning}) is ${word} in the run`, does };
      }),
    ),
    ...session.presets.map(
      ({ name, about }): Command => ({ text: `open ${name}`, help: about.title, does: { open: name } }),
    ),
    {
      text: 'timestep 0',
      help: `or a number alone, 0 to ${at.steps - 1}`,
      does: { type: 'timestep-chosen', timestep: 0 },
    },
    ...OPEN_BINDINGS.filter(({ action }) => !NOT_TYPED.includes(action) && !isPrompt(action)).map(
      ({ keys, help, action }): Command => ({ text: help, help: `key ${keyText(keys[0])}`, does: action }),
    ),
  ];
  // What has several keys is listed once.
  const known = new Map<string, Command>();
  for (const command of commands) if (!known.has(command.text)) known.set(command.text, command);
  return [...known.values()];
}

const isPrompt = (action: Action | Effect) =>
  typeof action === 'object' && action.type === 'overlay-opened' && action.overlay.kind === 'command';
