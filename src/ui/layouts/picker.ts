import type { PresetEntry, Session } from '../../session/session.ts';
import { wrap } from '../components/wrap.ts';
import { fit, fitLine, type Line, span, widthOfText } from '../line.ts';
import { indices, scrollbar, windowAround } from '../panels/heatmap.ts';
import { footerLine, workLine } from '../panels/status.ts';
import { ruleLine } from '../panels/title.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import type { Size } from './sizes.ts';

/** The presets with a line each and a preview of the chosen one: beside the list where there is room, else under it. */
export function pickerLines(session: Session, selected: number, { columns, rows }: Size, theme: Theme): Line[] {
  const { presets } = session;
  const current = session.status === 'open' ? session.subject.about?.name : undefined;
  const head: Line[] = [
    fitLine(
      [
        ' ',
        span('lstm-lab', 'title'),
        '  ',
        span(
          session.status === 'open' ? 'another preset' : 'a debugger for LSTMs: choose what to look into',
          undefined,
          { bold: true },
        ),
      ],
      columns,
    ),
    ruleLine(columns, theme),
  ];
  const message: Line =
    session.work !== null
      ? workLine(session, session.work, columns)
      : session.message === null
        ? []
        : fitLine([' ', span(session.message, 'warning')], columns);
  const foot: Line[] = [message, footerLine(session, columns)];
  const height = rows - head.length - foot.length;
  const beside = columns >= 150 || (columns >= 110 && rows < 30);
  const body = beside
    ? besideLines(presets, selected, current, columns, height, theme)
    : underLines(presets, selected, current, columns, height, theme);
  return [...head, ...Array.from({ length: height }, (_, at) => body[at] ?? []), ...foot];
}

function besideLines(
  presets: readonly PresetEntry[],
  selected: number,
  current: string | undefined,
  columns: number,
  height: number,
  theme: Theme,
): Line[] {
  const left = Math.max(44, Math.floor(columns * 0.46));
  const list = listLines(presets, selected, current, left, height, theme);
  const preview = previewLines(presets[selected], columns - left - 3, height);
  return Array.from({ length: height }, (_, at) => [
    ...fitLine(list[at] ?? [], left),
    span(` ${glyphs(theme).vertical} `, 'muted'),
    ...(preview[at] ?? []),
  ]);
}

function underLines(
  presets: readonly PresetEntry[],
  selected: number,
  current: string | undefined,
  columns: number,
  height: number,
  theme: Theme,
): Line[] {
  const rows = Math.max(3, Math.min(presets.length, height - 7));
  const list = listLines(presets, selected, current, columns, rows, theme);
  return [
    ...list,
    ruleLine(columns, theme),
    ...previewLines(presets[selected], columns - 2, height - list.length - 1).map((line): Line => [' ', ...line]),
  ];
}

function listLines(
  presets: readonly PresetEntry[],
  selected: number,
  current: string | undefined,
  width: number,
  height: number,
  theme: Theme,
): Line[] {
  const marks = glyphs(theme);
  const shown = windowAround(selected, height, presets.length);
  const bar = scrollbar(shown, presets.length, selected, shown.count);
  const names = Math.min(28, Math.max(0, ...presets.map(({ name }) => widthOfText(name))));
  return indices(shown).map((at, n) => {
    const { name, about } = presets[at];
    const chosen = at === selected;
    const mark = chosen ? marks.cursor : name === current ? marks.bullet : ' ';
    const line = fitLine(
      [
        span(` ${mark} ${fit(name, names)}`, chosen ? 'accent' : undefined, { bold: chosen }),
        span(`  ${about.title}`, chosen ? undefined : 'muted'),
      ],
      width - 1,
    );
    return [...line, bar[n]];
  });
}

/** What the preset shows, its layers, what to look for. */
function previewLines(entry: PresetEntry | undefined, width: number, height: number): Line[] {
  if (!entry) return [[span('there are no presets', 'muted')]];
  const { about, layers } = entry;
  const paragraph = (text: string, first: string, rest: string): Line[] =>
    wrap(text, width - widthOfText(first)).map((line, n): Line => [span(n === 0 ? first : rest, 'accent'), line]);
  const title: Line[] = wrap(about.title, width).map((line) => [span(line, 'title')]);
  const shows = wrap(about.shows, width).map((line): Line => [line]);
  const model = layers.map(
    (layer): Line => [span('  ', 'muted'), span(fit(layer, Math.min(width - 2, widthOfText(layer))), 'muted')],
  );
  const look = about.lookFor.flatMap((text) => paragraph(text, '  • ', '    '));
  const tries = about.try.flatMap((text) => paragraph(text, '  • ', '    '));
  const section = (name: string, lines: Line[]): Line[] =>
    lines.length === 0 ? [] : [[], [span(name, undefined, { bold: true })], ...lines];
  const all = [...title, ...shows, ...section('layers', model), ...section('look for', look), ...section('try', tries)];
  if (all.length <= height) return all;
  // Little room: no air, and what is left over is cut.
  const dense = [...shows, ...model, ...look];
  const last = dense[height - 1];
  if (dense.length <= height || !last) return dense.slice(0, height);
  return [...dense.slice(0, height - 1), fitLine([...last, span(' …', 'muted')], width)];
}
