import type { Action } from '../session/action.ts';

/** What a key does besides changing the session: these reach outside it, or need what the person has typed. */
export type Effect =
  | 'quit'
  | 'suspend'
  | 'redraw'
  | 'copy'
  | 'export'
  | 'cancel'
  | 'open-selected'
  | 'run-typed'
  | 'complete';

/** Where keys go: the prompt, the help, an error, what is under way, what is computed behind the screen, a list of presets, the model panel, an open model, anywhere. */
export type When = 'typing' | 'help' | 'error' | 'working' | 'behind' | 'list' | 'model' | 'open' | 'always';

/** A line of the keymap. */
export interface Binding {
  /** Characters, or names that `keysOf` gives. The first is the one that the footer shows. */
  readonly keys: readonly string[];
  readonly action: Action | Effect;
  readonly help: string;
  readonly when: When;
  /** Its word in the footer; bindings without are in the help only. */
  readonly footer?: string;
  /** Bindings with the same row share a line of the help: a move and the move back. */
  readonly row?: string;
}
