import { explain } from '../../session/explain.ts';
import { goesBackFirst } from '../../session/reduce.ts';
import { checkAt, currentAddress, currentValue, position } from '../../session/selectors.ts';
import type { OpenSession, Session } from '../../session/session.ts';
import { type Work, workText } from '../../session/work.ts';
import { isBackward } from '../../trace/trace.ts';
import { wrap } from '../components/wrap.ts';
import { footerItems } from '../keymap.ts';
import { fit, fitLine, fitName, type Line, span, widthOfLine, widthOfText } from '../line.ts';
import { numberText, symbolText } from '../notation.ts';
import { checkWords, differsLine } from './check-words.ts';
import { lettersOf } from './letters.ts';

/** The sentence about what just happened, on `height` lines; the last of them is what is under way, if anything is. */
export function explainLines(session: OpenSession, width: number, height: number): Line[] {
  if (session.work !== null)
    return [...explainLines({ ...session, work: null }, width, height - 1), workLine(session, session.work, width)];
  const lines = wrap(explain(session), width - 2);
  const shown = lines.slice(0, height);
  if (lines.length > height) shown[height - 1] = fit(`${shown[height - 1]} ${lines[height]}`, width - 2);
  return Array.from({ length: height }, (_, at) => fitLine([' ', shown[at] ?? ''], width));
}

/** `computing 12,345 of 100,000 timesteps · 14 s left · Esc cancels` */
export function workLine(session: Session, work: Work, width: number): Line {
  const hint = goesBackFirst(session) ? ' · Esc goes back, then cancels' : ' · Esc cancels';
  return fitLine([' ', span(workText(work), 'accent'), span(hint, 'muted')], width);
}

/** Where the cursor is, and the address and value of what it is on; or what the lab has to say. */
export function statusLine(session: OpenSession, width: number): Line {
  const at = position(session);
  const check = checkAt(session, at);
  if (session.message !== null)
    return withCheckBehind([' ', span(session.message, 'warning')], check ? checkWords(check, at) : [], width);
  const stage = at.stage < 0 ? [] : [`stage ${symbolText(at.equations[at.stage].symbol, lettersOf(at))}`];
  const placeOf = (name: string) =>
    [
      `t ${at.timestep}/${at.steps - 1}${isBackward(at.callTrace.call) ? ' backwards' : ''}`,
      name,
      `unit ${at.unit}`,
      ...stage,
    ].join(' · ');
  const left: Line = [' ', placeOf(at.name)];
  if (check && check.differs.length > 0) return differsLine(check, at, left, width);
  const address = currentAddress(at);
  const number = Number.isNaN(currentValue(at)) ? '' : ` = ${numberText(currentValue(at), 10, 6)}`;
  const known: Line = check ? [' · ', ...checkWords(check, at)] : [];
  // A number and its address are worth more than the word "checked".
  const short: Line = check ? [' · ', ...checkWords(check, at, true)] : [];
  const value: Line = [span(address, 'accent'), number, ' '];
  const bare: Line = [span(address, 'accent'), ' '];
  const choices: [Line, Line][] = [
    [known, [span('address ', 'muted'), ...value]],
    [known, value],
    [short, value],
    [known, bare],
    [short, bare],
    [known, []],
  ];
  for (const [middle, right] of choices) {
    const space = width - widthOfLine(left) - widthOfLine(middle) - widthOfLine(right);
    if (space >= (right.length === 0 ? 0 : 2)) return [...left, ...middle, ' '.repeat(space), ...right];
  }
  // The check is said before all of a long name.
  const room = width - 1 - widthOfText(placeOf('')) - widthOfLine(known);
  return fitLine([' ', placeOf(fitName(at.name, Math.max(8, room))), ...known], width);
}

/** A message, and the check at the right end where both fit. */
function withCheckBehind(left: Line, check: Line, width: number): Line {
  const space = width - 1 - widthOfLine(left) - widthOfLine(check);
  return check.length === 0 || space < 2 ? fitLine(left, width) : [...left, ' '.repeat(space), ...check, ' '];
}

/** The keys that matter here, from the keymap. Help and quit stay, whatever has to go. */
export function footerLine(session: Session, width: number): Line {
  const items = footerItems(session);
  const taken = (gap: number) =>
    items.reduce((sum, { keys, word }) => sum + widthOfText(`${keys} ${word}`) + gap, 1 - gap);
  while (taken(2) > width && items.length > 2) items.splice(items.length - 3, 1);
  const gap = taken(3) <= width ? 3 : 2;
  return fitLine(
    [
      ' ',
      ...items.flatMap(
        ({ keys, word }, n): Line => [
          span(keys, 'accent'),
          span(` ${word}${n < items.length - 1 ? ' '.repeat(gap) : ''}`, 'muted'),
        ],
      ),
    ],
    width,
  );
}
