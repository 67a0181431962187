import type stringWidth from 'string-width';
import { quickWidth } from './quick-width.ts';

/**
 * string-width in the bundle, Ink's too: the package's own tables and expressions, which take longer to make than a screen to draw, are loaded
 * only for text that needs them.
 */
export default function width(text: string, options?: Parameters<typeof stringWidth>[1]): number {
  return quickWidth(text) ?? load()(text, options);
}

// By its path, since in the bundle the package's name means this file. `require`, as the bundler runs what is required when it is.
const load = (): typeof stringWidth => require('../../../node_modules/string-width/index.js').default;
