import type { OpenSession } from '../../session/session.ts';
import type { Line } from '../line.ts';
import type { Theme } from '../theme/theme.ts';

/** What a view is drawn from. It may use `width` columns and `height` rows. */
export interface ViewProps {
  readonly session: OpenSession;
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}

/** A view is a pure function: at most `height` lines, none wider than `width`. */
export type ViewLines = (props: ViewProps) => Line[];
