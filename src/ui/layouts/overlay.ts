import type { Overlay, Session } from '../../session/session.ts';
import { commandsFor } from '../commands.ts';
import { wrap } from '../components/wrap.ts';
import { fit, fitLine, type Line, span, textOf, widthOfText } from '../line.ts';
import { indices, windowAround } from '../panels/heatmap.ts';
import { footerLine } from '../panels/status.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import type { Size } from './sizes.ts';

const LISTED = 8;

/** The prompt in place of the status line, with what the text may mean above it. */
export function promptLines(
  session: Session,
  overlay: Extract<Overlay, { kind: 'command' | 'search' }>,
  below: readonly Line[],
  { columns, rows }: Size,
  theme: Theme,
): Line[] {
  const { horizontal, cursor } = glyphs(theme);
  const sign = overlay.kind === 'command' ? ':' : '/';
  const hint = overlay.kind === 'command' ? '' : '   a word of the input, or a layer';
  // What is typed last stays in sight.
  const room = columns - 6;
  const typed =
    widthOfText(overlay.text) > room ? `…${[...overlay.text].slice(-Math.floor(room / 2)).join('')}` : overlay.text;
  const prompt = fitLine(
    [
      span(` ${sign} `, 'accent', { bold: true }),
      typed,
      span(' ', undefined, { inverse: true }),
      span(overlay.text === '' ? hint : '', 'muted'),
    ],
    columns,
  );
  const list = overlay.kind === 'command' ? commandLines(session, overlay, columns, cursor) : [];
  const rule = horizontal.repeat(columns);
  const over = [...list, prompt, footerLine(session, columns)];
  const above = below.slice(0, rows - over.length);
  // The frame's own rule may stand there already.
  return textOf(above.at(-1) ?? []) === rule
    ? [...above, ...over]
    : [...above.slice(0, -1), [span(rule, 'muted')], ...over];
}

function commandLines(
  session: Session,
  { text, selected }: Extract<Overlay, { kind: 'command' }>,
  columns: number,
  cursor: string,
): Line[] {
  const commands = commandsFor(session, text);
  if (commands.length === 0) return [[span('   no such command', 'warning')]];
  const chosen = ((selected % commands.length) + commands.length) % commands.length;
  const shown = windowAround(chosen, LISTED, commands.length);
  const more = commands.length - shown.count;
  const names = Math.min(36, Math.max(20, ...indices(shown).map((at) => widthOfText(commands[at].text))));
  return [
    ...indices(shown).map((at): Line => {
      const { text: name, help } = commands[at];
      return fitLine(
        [
          span(at === chosen ? ` ${cursor} ` : '   ', 'accent'),
          span(fit(name, names), at === chosen ? 'accent' : undefined, { bold: at === chosen }),
          span(`  ${help}`, 'muted'),
        ],
        columns,
      );
    }),
    ...(more > 0 ? [[span(`   ${more} more`, 'muted')]] : []),
  ];
}

/** A box over the middle of the frame: what went wrong and what can be done. */
export function errorLines(
  session: Session,
  { title, text }: Extract<Overlay, { kind: 'error' }>,
  below: readonly Line[],
  { columns, rows }: Size,
  theme: Theme,
): Line[] {
  const marks = glyphs(theme);
  const width = Math.min(columns - 4, 90);
  const inner = width - 4;
  const body = text
    .split('\n')
    .flatMap((part) => wrap(part, inner))
    .slice(0, rows - 8);
  const edge = (left: string, right: string, name = ''): Line => [
    span(`${left}${marks.horizontal}${name === '' ? '' : ` ${name} `}`, 'error'),
    span(
      `${marks.horizontal.repeat(Math.max(0, width - 3 - (name === '' ? 0 : widthOfText(name) + 2)))}${right}`,
      'error',
    ),
  ];
  const box: Line[] = [
    edge(marks.topLeft, marks.topRight, fit(title, Math.min(widthOfText(title), inner - 4))),
    ...['', ...body, ''].map(
      (line): Line => [span(`${marks.vertical} `, 'error'), fit(line, inner), span(` ${marks.vertical}`, 'error')],
    ),
    edge(marks.bottomLeft, marks.bottomRight),
  ];
  const top = Math.max(1, Math.floor((rows - box.length) / 2) - 1);
  const side = ' '.repeat(Math.floor((columns - width) / 2));
  return Array.from({ length: rows }, (_, at): Line => {
    if (at === rows - 1) return footerLine(session, columns);
    const line = box[at - top];
    return line ? [side, ...line] : (below[at] ?? []);
  });
}
