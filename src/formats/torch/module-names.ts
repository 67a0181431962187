/** What wrappers put before the names of a whole network: DataParallel, torch.compile, Lightning, DeepSpeed. */
const BEFORE_ALL = ['module.', '_orig_mod.', 'model.', '_forward_module.'];

/** What wrappers of parts of a network put into names: torch.compile, FSDP, activation checkpoints. */
const INSIDE = /(^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)(?=\.|$)/g;

/** As many wrappers as stand around a network. */
const MAX_WRAPPERS = 8;

/** How a name of the file becomes the name of the module that a person wrote. `names`: of all arrays. */
export function plainNames(names: readonly string[]): (name: string) => string {
  const inner = (name: string) => name.replace(INSIDE, '').replace(/^\./, '');
  const plain = names.map(inner);
  let prefix = '';
  for (let depth = 0; depth < MAX_WRAPPERS && plain.length > 0; depth++)
    prefix += BEFORE_ALL.find((word) => plain.every((name) => name.startsWith(prefix + word))) ?? '';
  return (name) => {
    const own = inner(name);
    if (`${own}.` === prefix) return '';
    return own.startsWith(prefix) ? own.slice(prefix.length) : own;
  };
}

/** Whether a module is of a decoder, by its name: `decoder.gru`, `dec_lstm`, `de.out` of PyTorch's tutorials. */
export function isDecoder(name: string): boolean {
  return /^(dec|de\.)/i.test(name);
}

export function isEncoder(name: string): boolean {
  return /^(enc|en\.)/i.test(name);
}
