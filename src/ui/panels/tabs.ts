import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import { position } from '../../session/selectors.ts';
import { type OpenSession, VIEWS } from '../../session/session.ts';
import { isBackward } from '../../trace/trace.ts';
import { fitName, type Line, type Span, span, widthOfText } from '../line.ts';
import { glyphs, type Theme } from '../theme/theme.ts';

/** `lstm_1 · LSTM(5) ──────  1 Cell ▸2 Gates  3 Equations  4 Returns  5 Weights` */
export function tabsLine(session: OpenSession, width: number, theme: Theme): Line {
  const { cursor, horizontal } = glyphs(theme);
  const { name, callTrace } = position(session);
  const backward = isBackward(callTrace.call) ? ' · from the last timestep to the first' : '';
  const tabs = tabSpans(session, cursor, width < 64);
  const taken = tabs.reduce((sum, { text }) => sum + widthOfText(text), 0);
  const room = width - taken - 3;
  const title = [
    `${name} · ${classOf(callTrace.call.layer)}${backward}`,
    `${name} · ${classOf(callTrace.call.layer)}`,
    name,
  ];
  const text = title.find((each) => widthOfText(each) <= room - 2) ?? fitName(name, Math.max(0, room - 2));
  const rule = horizontal.repeat(Math.max(0, room - widthOfText(text) - 1));
  return [' ', span(text, 'title'), ' ', span(rule, 'muted'), ...tabs, ' '];
}

/** Narrow: only the chosen view is named. */
function tabSpans({ view, zoom }: OpenSession, cursor: string, narrow: boolean): Span[] {
  return VIEWS.map((each, at) => {
    const chosen = each === view;
    const title = each[0].toUpperCase() + each.slice(1);
    const zoomed = chosen && zoom !== null && view === 'gates' ? '⁺' : '';
    const label = narrow && !chosen ? String(at + 1) : `${at + 1} ${title}${zoomed}`;
    return chosen ? span(` ${cursor}${label}`, 'accent', { bold: true }) : span(` ${label}`, 'muted');
  });
}

/** `LSTM(5)`, `Dense(1, sigmoid)`: the class with the arguments that say most. */
export function classOf(layer: Layer): string {
  const name = kindOf(layer).className(layer);
  switch (layer.kind) {
    case 'lstm':
    case 'gru':
    case 'simple_rnn':
      return `${name}(${layer.units})`;
    case 'conv1d':
      return `${name}(${layer.filters}, ${layer.kernelSize})`;
    case 'pooling1d':
      return `${name}(${layer.poolSize})`;
    case 'bidirectional':
      return `${name}(${layer.mergeMode ?? 'both'})`;
    case 'multi_head_attention':
      return `${name}(${layer.numHeads} heads)`;
    case 'time_distributed':
      return `${name}(${kindOf(layer.inner as Layer).className(layer.inner as Layer)})`;
    case 'embedding':
      return `${name}(${layer.inputDim}, ${layer.outputDim})`;
    case 'dense':
      return layer.timeDistributed
        ? `${name}(Dense(${layer.units}, ${layer.activation}))`
        : `${name}(${layer.units}, ${layer.activation})`;
    case 'dropout':
      return `${name}(${layer.rate})`;
    case 'activation':
      return layer.className ? name : `${name}(${layer.activation})`;
    case 'masking':
      return `${name}(${layer.maskValue})`;
    default:
      return name;
  }
}
