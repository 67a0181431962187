import type { StepCheck } from '../engines/check/check-step.ts';
import type { Recording } from '../trace/trace.ts';
import type { Work } from './work.ts';

export const VIEWS = ['cell', 'gates', 'equations', 'returns', 'weights'] as const;
export type View = (typeof VIEWS)[number];

/** What a preset says about itself. */
export interface About {
  readonly name: string;
  readonly title: string;
  readonly shows: string;
  readonly lookFor: readonly string[];
  readonly try: readonly string[];
}

/** What is being looked at: a model, what it did, and how its numbers are called. */
export interface Subject {
  readonly recording: Recording;
  readonly about: About | null;
  /** The file, as it was named, its format ("Keras 3 .keras", "preset") and what made it ("Keras 3.15.0"). */
  readonly origin?: {
    readonly file: string;
    readonly format: string;
    readonly madeWith: string | null;
    /** What was assumed, drawn or made up, in a few words each, for the title. */
    readonly remarks: readonly string[];
  };
  /** Words by index, where the model has a vocabulary. */
  readonly words: Readonly<Record<number, string>> | null;
  /** What the lab has to say about how it opened the model: engine chosen, words without a vector, unknown words. */
  readonly notes: readonly string[];
}

/** Where one stands. The numbers are wishes: selectors clamp them to the call they are read for, so that a layer without timesteps loses nothing. */
export interface Cursor {
  /** Index into the trace's calls. */
  readonly call: number;
  /** In processing order: under go_backwards step 0 is the input's last timestep. */
  readonly step: number;
  /** How many of the timestep's equations are still to come: 0 is the whole timestep. */
  readonly stagesLeft: number;
  readonly unit: number;
  /** Index into the samples of all runs, one after the other. */
  readonly sample: number;
}

/** How one step compares with its equations; the numbers as in `Cursor`, inside the trace. */
export interface Checked {
  readonly sample: number;
  readonly call: number;
  readonly step: number;
  readonly check: StepCheck;
}

/** What lies over the view and takes the keys. */
export type Overlay =
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'search'; readonly text: string }
  /** `selected` counts through the commands that the text may mean, round and round. */
  | { readonly kind: 'command'; readonly text: string; readonly selected: number }
  | { readonly kind: 'presets'; readonly selected: number }
  | { readonly kind: 'error'; readonly title: string; readonly text: string };

/** An entry of the list of presets. */
export interface PresetEntry {
  readonly name: string;
  readonly about: About;
  /** Lines of the model, for the preview: `LSTM(2, return_sequences=True)`. */
  readonly layers: readonly string[];
}

interface Common {
  readonly presets: readonly PresetEntry[];
  /** One line for the person: what a command did, what went wrong. */
  readonly message: string | null;
  readonly overlay: Overlay | null;
  /** What is under way and takes longer than a key does. */
  readonly work: Work | null;
}

/** Nothing is open: the list of presets. */
export interface ChoosingSession extends Common {
  readonly status: 'choosing';
  readonly selected: number;
}

export interface OpenSession extends Common {
  readonly status: 'open';
  readonly subject: Subject;
  readonly cursor: Cursor;
  readonly view: View;
  /** Which panel takes ↑ and ↓. */
  readonly focus: 'view' | 'model';
  /** The view from which Enter came into this one. */
  readonly cameFrom: View | null;
  /** The symbol that the Gates view shows full size. */
  readonly zoom: string | null;
  /** Shows what the cursor has not reached too, dimmed. */
  readonly wholeRun: boolean;
  readonly playing: boolean;
  /** Timesteps a second while playing. */
  readonly speed: number;
  readonly search: string | null;
  /** The step that was checked last: the one at the cursor, once it rests. */
  readonly checked: Checked | null;
}

export type Session = ChoosingSession | OpenSession;
