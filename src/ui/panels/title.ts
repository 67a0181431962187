import { position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { fit, fitLine, type Line, span, widthOfLine, widthOfText } from '../line.ts';
import { glyphs, type Theme } from '../theme/theme.ts';

/** The first line: what is open, what was assumed about it, how it was computed, which sample. */
export function titleLine(session: OpenSession, width: number, theme: Theme): Line {
  const { recording, about, origin } = session.subject;
  const at = position(session);
  const batch = recording.runs.length > 1 ? `batch ${at.run + 1} of ${recording.runs.length} · ` : '';
  const sample = `${batch}sample ${at.sample + 1} of ${recording.runs[at.run].length}`;
  const engine = `${recording.engine} engine · ${recording.engine === 'simd' ? 'float32' : 'float64'} · `;
  const playing = session.playing ? `${glyphs(theme).leads} ${session.speed}/s · ` : '';
  const whole = session.wholeRun ? 'whole run · ' : '';
  const missing = recording.model.incomplete.length;
  const incomplete = missing > 0 ? `incomplete: ${missing} layer${missing === 1 ? '' : 's'} left out · ` : '';
  const help: Line = ['   ', span('? help', 'accent'), ' '];
  const name = about?.name ?? origin?.file.split(/[\\/]/).pop() ?? recording.model.name;
  const remarks = origin?.remarks ?? [];
  const left = (remark: string, longest = 40): Line => [
    ' ',
    span('lstm-lab', 'title'),
    '  ',
    span(fit(name, Math.min(longest, widthOfText(name))), undefined, { bold: true }),
    span(remark, 'muted'),
  ];
  const rights = [
    `${playing}${whole}${incomplete}${engine}${sample}`,
    `${playing}${whole}${incomplete}${recording.engine} · ${sample}`,
    `${playing}${whole}${missing > 0 ? 'incomplete · ' : ''}${recording.engine} · ${sample}`,
    `${playing}${whole}${missing > 0 ? 'incomplete · ' : ''}${sample}`,
    // That layers are missing is said before which sample this is.
    `${playing}${missing > 0 ? 'incomplete' : sample}`,
  ];
  const right = (text: string): Line => [
    span(playing === '' ? '' : text.slice(0, playing.length), 'good', { bold: true }),
    span(text.slice(playing.length), 'muted'),
    ...help,
  ];
  // What was assumed gives way only where nothing else can.
  const [first, ...more] = remarks;
  const shorter = more.length > 0 ? ` · ${first}, +${more.length}` : ` · ${first}`;
  const remarked = first === undefined ? [''] : [` · ${remarks.join(' · ')}`, shorter, ''];
  for (const remark of remarked) {
    for (const text of rights) {
      const space = width - widthOfLine(left(remark)) - widthOfLine(right(text));
      if (space >= 2) return [...left(remark), ' '.repeat(space), ...right(text)];
    }
  }
  const [last] = rights.slice(-1);
  const spare = width - widthOfLine(left('', 0)) - widthOfLine(right(last)) - 2;
  if (missing > 0 && spare >= 8) return [...left('', spare), '  ', ...right(last)];
  return fitLine([...left(''), ...help], width);
}

export function ruleLine(width: number, theme: Theme): Line {
  return [span(glyphs(theme).horizontal.repeat(Math.max(0, width)), 'muted')];
}
