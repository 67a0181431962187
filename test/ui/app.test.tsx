import { render } from 'ink-testing-library';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { reduce } from '../../src/session/reduce.ts';
import type { OpenSession } from '../../src/session/session.ts';
import { createStore } from '../../src/session/store.ts';
import { App } from '../../src/ui/app.tsx';
import { Lines } from '../../src/ui/components/lines.tsx';
import { startPlayback } from '../../src/ui/playback.ts';
import { press } from '../../src/ui/press.ts';
import { decodeFrame, gridToText } from '../../src/ui/terminal/cells.ts';
import { sessionOfPreset } from '../frames/presets.ts';
import { plainTheme } from './panels/models.ts';

let session: OpenSession;

beforeAll(async () => {
  session = await sessionOfPreset('masking');
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

/** The lab in 100 columns; ink-testing-library has no rows, so that they are set here. */
async function lab() {
  const store = createStore(session, reduce as never) as ReturnType<typeof createStore<never, never>>;
  const typed = store as never as Parameters<typeof App>[0]['store'];
  const app = render(
    <App
      store={typed}
      theme={plainTheme}
      onKey={(key) => {
        for (const action of press(typed.get(), key).actions) typed.dispatch(action);
      }}
    />,
  );
  Object.assign(app.stdout, { rows: 30 });
  app.stdout.emit('resize');
  await settled();
  const type = async (keys: string) => {
    app.stdin.write(keys);
    await settled();
  };
  const lastFrame = () =>
    gridToText(decodeFrame(app.lastFrame() ?? '', { columns: 100, rows: 30, palette: plainTheme }));
  return { ...app, lastFrame, store: typed, type };
}

describe('the lab', () => {
  it('draws the model, steps with the arrow keys and steps back', async () => {
    const { lastFrame, type, unmount } = await lab();
    const first = lastFrame();
    expect(first).toContain('t 0/5 · lstm_1');
    await type('\u001b[C');
    expect(lastFrame()).toContain('t 1/5 · lstm_1');
    await type('\u001b[D');
    expect(lastFrame()).toBe(first);
    unmount();
  });

  it('takes several keys that come at once', async () => {
    const { lastFrame, type, unmount } = await lab();
    await type('lllj');
    expect(lastFrame()).toContain('t 3/5 · lstm_1 · unit 1');
    unmount();
  });

  it('goes to a timestep by command, and shows what is typed', async () => {
    const { lastFrame, type, unmount } = await lab();
    await type(':');
    await type('4');
    expect(lastFrame()).toContain(' : 4');
    expect(lastFrame()).toContain('go to timestep 4 of lstm_1');
    await type('\r');
    expect(lastFrame()).toContain('t 4/5');
    unmount();
  });

  it('says what is typed wrongly, and Escape takes the message away', async () => {
    const { lastFrame, type, unmount } = await lab();
    await type(':99\r');
    expect(lastFrame()).toContain('lstm_1 has timesteps 0 to 5');
    await type('\u001b');
    await settled();
    expect(lastFrame()).not.toContain('lstm_1 has timesteps 0 to 5');
    unmount();
  });
});

describe('lines', () => {
  it('keep to one row each, whatever is in a name', () => {
    const { lastFrame, unmount } = render(<Lines lines={[['a\nb\u001b[31mc'], [], ['d']]} theme={plainTheme} />);
    expect(lastFrame()!.split('\n')).toHaveLength(3);
    expect(lastFrame()).not.toContain('\u001b[31m');
    unmount();
  });

  it('are cut at the right edge', () => {
    const { lastFrame, unmount } = render(<Lines lines={[['x'.repeat(300)]]} theme={plainTheme} />);
    expect(lastFrame()!.length).toBe(100);
    unmount();
  });
});

describe('playback', () => {
  it('steps as fast as the session says, until the end', () => {
    vi.useFakeTimers();
    const store = createStore<never, never>({ ...session, speed: 4 } as never, reduce as never) as never as Parameters<
      typeof startPlayback
    >[0];
    const stop = startPlayback(store);
    const step = () => (store.get() as OpenSession).cursor.step;
    store.dispatch({ type: 'play-toggled' });
    vi.advanceTimersByTime(260);
    expect(step()).toBe(1);
    vi.advanceTimersByTime(500);
    expect(step()).toBe(3);
    vi.advanceTimersByTime(5000);
    expect(step()).toBe(5);
    expect((store.get() as OpenSession).playing).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    stop();
    vi.useRealTimers();
  });

  it('pauses at once', () => {
    vi.useFakeTimers();
    const store = createStore<never, never>(session as never, reduce as never) as never as Parameters<
      typeof startPlayback
    >[0];
    const stop = startPlayback(store);
    store.dispatch({ type: 'play-toggled' });
    store.dispatch({ type: 'play-toggled' });
    vi.advanceTimersByTime(5000);
    expect((store.get() as OpenSession).cursor.step).toBe(0);
    stop();
    vi.useRealTimers();
  });
});
