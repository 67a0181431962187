import type { Tensor } from '../../math/tensor.ts';

/** Attentions within numbered layers, as nn.TransformerEncoder, BERT, GPT-2, T5 and their kin name them. */
const LAYERS = /(^|\.)(layers?|h|blocks?|encoder|decoder)\.\d{1,3}\..*(attn|attention)/i;

const RECURRENT = /^weight_[ih]h/;

/**
 * Transformers of a file by the first word of their names ("bert"), unless something recurrent is in them too. How their parts are wired, residual
 * connections among it, is not in a state dict, so that each is one module that is not known.
 */
export function transformers(modules: ReadonlyMap<string, ReadonlyMap<string, Tensor>>): ReadonlySet<string> {
  const found = new Set([...modules.keys()].filter((name) => LAYERS.test(name)).map(firstWord));
  for (const [name, arrays] of modules)
    if ([...arrays.keys()].some((parameter) => RECURRENT.test(parameter))) found.delete(firstWord(name));
  return found;
}

export function firstWord(name: string): string {
  return name.split('.', 1)[0];
}
