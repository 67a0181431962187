import type { Session } from '../../session/session.ts';
import { wrap } from '../components/wrap.ts';
import { keyRows } from '../key-text.ts';
import { OPEN_BINDINGS } from '../keymap.ts';
import { fit, fitLine, type Line, span, widthOfText } from '../line.ts';
import { footerLine } from '../panels/status.ts';
import { ruleLine } from '../panels/title.ts';
import type { Theme } from '../theme/theme.ts';
import type { Size } from './sizes.ts';

const KEYS = 17;

/** All keys, how to read the screen, and what the open preset shows; scrolls where it does not fit. */
export function helpLines(session: Session, scroll: number, { columns, rows }: Size, theme: Theme): Line[] {
  const content = contentLines(session, columns);
  const height = rows - 3;
  const last = Math.max(0, content.length - height);
  const from = Math.min(scroll, last);
  const place = last === 0 ? '' : `lines ${from + 1}–${Math.min(content.length, from + height)} of ${content.length}`;
  const title: Line = [' ', span('lstm-lab', 'title'), '  ', span('help', undefined, { bold: true })];
  return [
    fitLine([...title, ' '.repeat(Math.max(1, columns - 16 - place.length)), span(place, 'muted')], columns),
    ruleLine(columns, theme),
    ...Array.from({ length: height }, (_, at) => content[from + at] ?? []),
    footerLine(session, columns),
  ];
}

function contentLines(session: Session, columns: number): Line[] {
  const about = session.status === 'open' ? session.subject.about : null;
  const heading = (text: string): Line => [' ', span(text, 'title')];
  const text = (line: string): Line[] => wrap(line, columns - 4).map((part): Line => ['   ', part]);
  const bullets = (items: readonly string[]): Line[] =>
    items.flatMap((item) =>
      wrap(item, columns - 6).map((part, n): Line => ['   ', span(n === 0 ? '• ' : '  ', 'accent'), part]),
    );
  const preset: Line[] = about
    ? [
        ...wrap(`${about.name}: ${about.title}`, columns - 2).map(heading),
        ...text(about.shows),
        ...(about.lookFor.length > 0 ? [[], heading('what to look for'), ...bullets(about.lookFor)] : []),
        ...(about.try.length > 0 ? [[], heading('what to try'), ...bullets(about.try)] : []),
        [],
      ]
    : [];
  return [
    heading('keys'),
    ...keyLines(columns),
    [],
    ...preset,
    heading('how to read the screen'),
    ...LEGEND.flatMap(([sign, meaning]) =>
      wrap(meaning, columns - 18).map((part, n): Line => ['   ', span(fit(n === 0 ? sign : '', 14), 'accent'), part]),
    ),
  ];
}

/** Two columns where there is room for both. */
function keyLines(columns: number): Line[] {
  const rows = keyRows(OPEN_BINDINGS);
  const half = columns >= 96 ? Math.ceil(rows.length / 2) : rows.length;
  const width = Math.floor((columns - 4) / (half < rows.length ? 2 : 1));
  const cell = (at: number): Line => {
    if (at >= rows.length) return [];
    const keys = rows[at].keys.join(' ');
    const pad = Math.max(KEYS, widthOfText(keys) + 1);
    return [...fitLine([span(fit(keys, pad), 'accent'), rows[at].does], width - 1), ' '];
  };
  return Array.from(
    { length: half },
    (_, at): Line => ['   ', ...cell(at), ...(half < rows.length ? cell(half + at) : [])],
  );
}

const LEGEND: readonly (readonly [string, string])[] = [
  ['t 3/6', 'timestep 3, counted from 0; 6 is the last'],
  ['·', 'not computed yet at the cursor: stepping fills it, stepping back blanks it'],
  ['░ or ╱', 'masked: this timestep is skipped, h and c stay'],
  ['max, min', 'of a column that is several timesteps (F on a long run)'],
  ['i f c̃ o', 'input, forget gate, candidate (Keras: c), output gate'],
  ['c, h', 'cell state and hidden state; c₋₁ and h₋₁ those of the step before'],
  ['z_i', 'what the input gate’s activation is applied to'],
  ['⊙', 'multiplied number by number'],
  ['lstm_1.f[3]@5', 'an address: unit 3 of gate f of lstm_1 at timestep 5'],
  ['checked ✓', 'the equations, evaluated once more, give this; the number is how far off'],
  ['✗', 'a quantity that is not what its equation says'],
];
