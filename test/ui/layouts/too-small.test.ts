import { beforeAll, describe, expect, it } from 'vitest';
import type { OpenSession } from '../../../src/session/session.ts';
import { frameLines } from '../../../src/ui/layouts/frame.ts';
import { textOf, widthOfText } from '../../../src/ui/line.ts';
import { themeFor } from '../../../src/ui/theme/theme.ts';
import { sessionOfPreset } from '../../frames/presets.ts';

const theme = themeFor({ env: {}, color: false });
let session: OpenSession;
beforeAll(async () => {
  session = await sessionOfPreset('gru');
});

const lines = (columns: number, rows: number) => frameLines(session, { columns, rows }, theme).map(textOf);

describe('a terminal that is too small', () => {
  it('says which size is needed, which is there and how to leave, down to 10 columns and 3 rows', () => {
    for (let columns = 10; columns < 60; columns++) {
      for (let rows = 3; rows < 20; rows++) {
        const text = lines(columns, rows).join('\n');
        expect(text).toContain('60x20');
        expect(text).toContain(`${columns}x${rows}`);
        expect(text).toContain('q quit');
      }
    }
  });

  it('says which is needed as long as that can be read, and never writes past the edges', () => {
    for (const overlay of [null, { kind: 'help', scroll: 0 }, { kind: 'error', title: 'no', text: 'no' }] as const) {
      for (let columns = 1; columns < 60; columns++) {
        for (let rows = 1; rows < 6; rows++) {
          const shown = frameLines({ ...session, overlay }, { columns, rows }, theme).map(textOf);
          expect(shown.length).toBeLessThanOrEqual(rows);
          for (const line of shown) expect(widthOfText(line)).toBeLessThanOrEqual(columns);
          if (columns >= 5) expect(shown.join('\n')).toContain('60x20');
        }
      }
    }
  });
});
