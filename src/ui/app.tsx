import { useInput, useStdout } from 'ink';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Action } from '../session/action.ts';
import type { Session } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import { Lines } from './components/lines.tsx';
import { keysOf } from './keys.ts';
import { frameLines } from './layouts/frame.ts';
import type { Size } from './layouts/sizes.ts';
import type { Theme } from './theme/theme.ts';

export interface AppProps {
  readonly store: Store<Session, Action>;
  readonly theme: Theme;
  onKey(key: string): void;
}

/** The lab: what is in the store, drawn as large as the terminal is; keys go to whoever runs it. */
export function App({ store, theme, onKey }: AppProps) {
  const session = useSyncExternalStore(store.subscribe, store.get);
  const size = useTerminalSize();
  useInput((input, key) => {
    for (const name of keysOf(input, key)) onKey(name);
  });
  return <Lines lines={frameLines(session, size, theme)} theme={theme} />;
}

function useTerminalSize(): Size {
  const { stdout } = useStdout();
  const [size, setSize] = useState<Size>(sizeOf(stdout));
  useEffect(() => {
    const measure = () => setSize(sizeOf(stdout));
    stdout.on('resize', measure);
    return () => {
      stdout.off('resize', measure);
    };
  }, [stdout]);
  return size;
}

const sizeOf = ({ columns, rows }: NodeJS.WriteStream): Size => ({ columns: columns || 80, rows: rows || 24 });
