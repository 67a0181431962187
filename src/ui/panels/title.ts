import { position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { fit, fitLine, type Line, span, widthOfLine, widthOfText } from '../line.ts';
import { glyphs, type Theme } from '../theme/theme.ts';

/** The first line: what is open, how it was computed, which sample. */
export function titleLine(session: OpenSession, width: number, theme: Theme): Line {
  const { recording, about } = session.subject;
  const at = position(session);
  const batch = recording.runs.length > 1 ? `batch ${at.run + 1} of ${recording.runs.length} · ` : '';
  const sample = `${batch}sample ${at.sample + 1} of ${recording.runs[at.run].length}`;
  const engine = `${recording.engine} engine · float64 · `;
  const playing = session.playing ? `${glyphs(theme).leads} ${session.speed}/s · ` : '';
  const whole = session.wholeRun ? 'whole run · ' : '';
  const missing = recording.model.incomplete.length;
  const incomplete = missing > 0 ? `incomplete: ${missing} layer${missing === 1 ? '' : 's'} left out · ` : '';
  const help: Line = ['   ', span('? help', 'accent'), ' '];
  const name = about?.name ?? recording.model.name;
  const left: Line = [
    ' ',
    span('lstm-lab', 'title'),
    '  ',
    span(fit(name, Math.min(40, widthOfText(name))), undefined, { bold: true }),
  ];
  const rights = [
    `${playing}${whole}${incomplete}${engine}${sample}`,
    `${playing}${whole}${incomplete}${recording.engine} · ${sample}`,
    `${playing}${whole}${missing > 0 ? 'incomplete' : recording.engine} · ${sample}`,
    `${playing}${whole}${missing > 0 ? 'incomplete · ' : ''}${sample}`,
    `${playing}${sample}`,
  ];
  const right = rights
    .map(
      (text): Line => [
        span(playing === '' ? '' : text.slice(0, playing.length), 'good', { bold: true }),
        span(text.slice(playing.length), 'muted'),
        ...help,
      ],
    )
    .find((line) => widthOfLine(left) + widthOfLine(line) + 2 <= width);
  if (!right) return fitLine([...left, ...help], width);
  return [...left, ' '.repeat(width - widthOfLine(left) - widthOfLine(right)), ...right];
}

export function ruleLine(width: number, theme: Theme): Line {
  return [span(glyphs(theme).horizontal.repeat(Math.max(0, width)), 'muted')];
}
