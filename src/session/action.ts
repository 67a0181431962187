import type { Checked, Overlay, Subject, View } from './session.ts';
import type { Work } from './work.ts';

/** What has happened: a key, a command, a timer, a file. */
export type Action =
  | { readonly type: 'subject-opened'; readonly subject: Subject }
  | OpenAction
  | { readonly type: 'escaped' }
  | { readonly type: 'overlay-opened'; readonly overlay: Overlay }
  | { readonly type: 'preset-selected'; readonly by: number }
  | OverlayAction
  | { readonly type: 'told'; readonly message: string }
  | { readonly type: 'checked'; readonly checked: Checked }
  /** Null: it is done, or was given up. */
  | { readonly type: 'worked'; readonly work: Work | null };

/** What changes what lies over the view. */
export type OverlayAction =
  | { readonly type: 'help-scrolled'; readonly by: number }
  | { readonly type: 'command-selected'; readonly by: number }
  | { readonly type: 'typed'; readonly text: string }
  | { readonly type: 'completed'; readonly text: string }
  | { readonly type: 'erased' };

/** What changes an open session only. */
export type OpenAction =
  | {
      readonly type: 'timestep-moved' | 'stage-moved' | 'layer-moved';
      readonly by: number;
    }
  | { readonly type: 'sample-moved'; readonly by: number }
  | { readonly type: 'unit-moved'; readonly by: number }
  | { readonly type: 'timestep-chosen'; readonly timestep: number }
  | { readonly type: 'unit-chosen'; readonly unit: number }
  | { readonly type: 'sample-chosen'; readonly sample: number }
  | { readonly type: 'call-chosen'; readonly name: string }
  | { readonly type: 'went-to-first' | 'went-to-last' }
  | { readonly type: 'view-chosen'; readonly view: View }
  | { readonly type: 'zoom-toggled' | 'whole-run-toggled' | 'play-toggled' | 'panel-changed' | 'entered' }
  | { readonly type: 'played'; readonly by: number }
  | { readonly type: 'speed-changed'; readonly by: number }
  /** To the largest or the smallest number of a quantity, of the layer at the cursor or of the call that is named. */
  | {
      readonly type: 'extreme-sought';
      readonly call?: string;
      readonly symbol: string;
      readonly end: 'maximum' | 'minimum';
    }
  | { readonly type: 'searched'; readonly text: string }
  | { readonly type: 'search-repeated'; readonly by: number };
