import type { ThemeName } from '../ui/theme/theme.ts';

/** How the lab is to look. */
export interface Looks {
  readonly theme?: ThemeName;
  /** False for --no-color. */
  readonly color: boolean;
  readonly ascii?: boolean;
}

export function themeName({ theme, ascii }: Looks): ThemeName | undefined {
  return ascii ? 'ascii' : theme;
}
