import { isRecurrent } from '../../layers/layer.ts';
import type { Position } from '../../session/selectors.ts';
import { type Line, type Span, span, widthOfText } from '../line.ts';
import { symbolText } from '../notation.ts';
import { heatLegend } from '../theme/heat.ts';
import type { Theme } from '../theme/theme.ts';
import { type Scale, scaleOf } from './heat-scale.ts';
import { maskedCell } from './heatmap.ts';
import { lettersOf } from './letters.ts';
import type { Series } from './series.ts';

interface Part {
  readonly spans: readonly Span[];
  readonly width: number;
}

function part(...spans: Span[]): Part {
  return { spans, width: spans.reduce((sum, { text }) => sum + widthOfText(text), 0) };
}

/** `0 ▁▂▃▄▅▆▇█ 1  −1 ░▒▓0▂▄▆█ +1  c ± the largest of the run`, then the marks, as far as there is room. */
export function legendLine(
  at: Position,
  shown: readonly Series[],
  width: number,
  theme: Theme,
  note: string,
  wholeRun = false,
): Line {
  const scales = shown.map(({ symbol, tensor }) => ({
    name: symbolText(symbol, lettersOf(at)),
    scale: scaleOf(at.callTrace.call.layer, symbol, tensor),
  }));
  const fitted = scales.filter(({ scale }) => scale.fitted).map(({ name }) => name);
  const masked = isRecurrent(at.callTrace.call.layer) && at.callTrace.mask?.includes(0);
  return joined(
    [
      ...ramps(
        scales.map(({ scale }) => scale),
        theme,
      ),
      ...(note === '' ? [] : [noteOf(note)]),
      ...(masked ? [part(span(maskedCell(theme).char, 'masked'), span(' skipped', 'muted'))] : []),
      ...(fitted.length > 0
        ? [
            part(
              span(
                `${fitted.join(' ')} ${fitted.length > 1 ? 'scale' : 'scales'} to the largest |value| of the run`,
                'muted',
              ),
            ),
          ]
        : []),
      ...(theme.ascii || wholeRun ? [] : [part(span('· to come', 'muted'))]),
    ],
    width,
  );
}

/** A ramp for each kind of scale; ends that are fitted stand in the titles, where there are several. */
export function ramps(scales: readonly Scale[], theme: Theme): Part[] {
  return (['sequential', 'diverging'] as const).flatMap((kind) => {
    const maxima = new Set(scales.filter((scale) => scale.kind === kind).map(({ max }) => max));
    if (maxima.size === 0) return [];
    const bounded = maxima.has(1);
    const max = bounded || maxima.size > 1 ? 1 : [...maxima][0];
    const { ramp, low, high } = heatLegend(kind, theme, max);
    const vague = !bounded && maxima.size > 1;
    return [
      part(
        span(`${vague ? low.replace('1', 'max') : low} `, 'muted'),
        span(ramp),
        span(` ${vague ? '+max' : high}`, 'muted'),
      ),
    ];
  });
}

/** The ramp where each array has a scale of its own. */
export function rampOfMaxima(theme: Theme): Part {
  return part(span('−max ', 'muted'), span(heatLegend('diverging', theme).ramp), span(' +max', 'muted'));
}

export function noteOf(text: string): Part {
  return part(span(text, 'muted'));
}

/** Parts with three blanks between them; one that does not fit is left away. */
export function joined(parts: readonly Part[], width: number): Line {
  const line: (Span | string)[] = [];
  let column = 0;
  for (const { spans, width: columns } of parts) {
    const gap = column === 0 ? 1 : 3;
    if (column + gap + columns > width) continue;
    line.push(' '.repeat(gap), ...spans);
    column += gap + columns;
  }
  return line;
}
