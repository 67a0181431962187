import { expect, it } from 'vitest';
import { reduce } from '../../src/session/reduce.ts';
import type { OpenSession } from '../../src/session/session.ts';
import { renderFrame } from '../../src/ui/frame.tsx';
import { decodeFrame } from '../../src/ui/terminal/cells.ts';
import { createScreen } from '../../src/ui/terminal/screen.ts';
import { themeFor } from '../../src/ui/theme/theme.ts';
import { sessionOfPreset } from '../frames/presets.ts';
import { headlessTerminal, seen } from './headless.ts';

const theme = themeFor({ name: 'dark', env: { COLORTERM: 'truecolor' } });
const size = { columns: 120, rows: 36 };

it.each(['sentiment', 'stacked', 'bidirectional', 'masking'])(
  'every timestep of %s on the Gates view takes less than 2 KB, forth and back, and is on screen exactly',
  async (preset) => {
    let session: OpenSession = { ...(await sessionOfPreset(preset)), view: 'gates' };
    const device = headlessTerminal(size.columns, size.rows);
    const screen = createScreen({ output: device.output, palette: theme });
    const draw = async () => {
      const before = device.bytes();
      const frame = renderFrame(session, { ...size, theme });
      screen.write(frame);
      await device.settle();
      expect(seen(device.grid())).toEqual(seen(decodeFrame(frame, { ...size, palette: theme })));
      return device.bytes() - before;
    };
    await draw();
    for (const by of [1, 1, 1, -1, -1]) {
      session = reduce(session, { type: 'timestep-moved', by }) as OpenSession;
      const bytes = await draw();
      expect(bytes).toBeLessThan(2048);
      // A column of six heatmaps, and its numbers.
      expect(bytes).toBeGreaterThan(200);
    }
  },
);
