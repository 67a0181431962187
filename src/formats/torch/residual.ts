import type { TorchModule } from './modules.ts';
import { listed } from './said.ts';

/** Words of names, between dots and underscores, that networks with residual sums have: TCN, WaveNet, ResNet. */
const WORDS = /(?:^|[._\d])(?:skip|downsample|residual|resid|resblocks?|res_?block|shortcut|tcn)(?=$|[._\d])/i;

/** As many modules as are named. */
const MOST_NAMED = 4;

/** What is missing where names speak of sums past a module: they stand in forward(), which no state dict has. Null where none do. */
export function residualNote(modules: readonly TorchModule[]): string | null {
  const named = modules.filter(({ name }) => WORDS.test(name)).map(({ name }) => name);
  if (named.length === 0) return null;
  const names = listed(named, MOST_NAMED);
  return `${names}: by such names forward() adds what went into a block to what comes out; a state dict does not hold these sums, so that they are missing here, and the modules run as a chain`;
}
