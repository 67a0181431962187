import type { View } from '../../session/session.ts';
import { decodeFrame, gridToAnsi, gridToSvg, gridToText } from '../../ui/terminal/cells.ts';
import { themeFor } from '../../ui/theme/theme.ts';
import { type Looks, themeName } from '../looks.ts';
import { print, writeFile } from '../output.ts';
import { type Place, startSession } from '../start.ts';
import { type OpenOptions, openSubject } from '../subject.ts';

export interface ShowOptions extends OpenOptions, Place, Looks {
  readonly size: { readonly columns: number; readonly rows: number };
  /** Without: what the file’s ending says, else text. */
  readonly format?: 'text' | 'svg';
  readonly output?: string;
  readonly view?: View;
}

/** `lstm-lab show PRESET`: one frame, as a person would see it. */
export async function show(name: string, options: ShowOptions): Promise<void> {
  const format = options.format ?? (/\.svg$/i.test(options.output ?? '') ? 'svg' : 'text');
  const coloured = format === 'svg' || (process.stdout.isTTY && options.output === undefined);
  const env = format === 'svg' ? { COLORTERM: 'truecolor' } : process.env;
  const theme = themeFor({
    name: themeName(options),
    env,
    colorDepth: process.stdout.getColorDepth?.(),
    color: options.color && coloured,
  });
  const session = startSession(await openSubject(name, { ...options, shown: true }), [], options);
  const { renderFrame } = await import('../../ui/frame.tsx');
  const frame = renderFrame(session, { ...options.size, theme });
  const grid = decodeFrame(frame, { ...options.size, palette: theme });
  const text =
    format === 'svg' ? gridToSvg(grid, { title: `lstm-lab ${name}` }) : coloured ? gridToAnsi(grid) : gridToText(grid);
  const chunks = [text.endsWith('\n') ? text : `${text}\n`];
  if (options.output === undefined || options.output === '-') await print(chunks);
  else await writeFile(options.output, chunks);
}
