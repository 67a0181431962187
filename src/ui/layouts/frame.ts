import type { Session } from '../../session/session.ts';
import type { Line } from '../line.ts';
import type { Theme } from '../theme/theme.ts';
import { helpLines } from './help.ts';
import { labLines } from './lab.ts';
import { errorLines, promptLines } from './overlay.ts';
import { pickerLines } from './picker.ts';
import { arrangementOf, type Size } from './sizes.ts';
import { tooSmallLines } from './too-small.ts';

/** The whole screen: at most `rows` lines of at most `columns` columns. */
export function frameLines(session: Session, size: Size, theme: Theme): Line[] {
  if (arrangementOf(size) === 'too-small') return tooSmallLines(size).slice(0, size.rows);
  const { overlay } = session;
  if (overlay?.kind === 'help') return helpLines(session, overlay.scroll, size, theme);
  if (overlay?.kind === 'presets') return pickerLines(session, overlay.selected, size, theme);
  const below =
    session.status === 'open' ? labLines(session, size, theme) : pickerLines(session, session.selected, size, theme);
  if (overlay === null) return below;
  return overlay.kind === 'error'
    ? errorLines(session, overlay, below, size, theme)
    : promptLines(session, overlay, below, size, theme);
}
