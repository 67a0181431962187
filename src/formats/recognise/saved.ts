import { basename } from 'node:path';
import { LabError, quote } from '../../math/lab-error.ts';

/** Refuses what a download left in place of the file; `start` is its beginning. */
export function refuseSaved(start: string, file: string): void {
  const name = basename(file);
  if (start.startsWith('version https://git-lfs.github.com/spec/')) {
    const size = /^size (\d{1,15})$/m.exec(start)?.[1];
    throw new LabError({
      problem: 'this is a git-LFS pointer: it stands for the file, which was not fetched.',
      received: size === undefined ? undefined : `a pointer to ${size} bytes`,
      hint: `in its repository run: git lfs pull --include "${name}" (from a web page, take the download link and not the raw one).`,
    });
  }
  if (/^<(!doctype html|html|head|\?xml[^>]*>\s*<(error|!doctype html|html))/i.test(start)) {
    throw new LabError({
      problem: 'this is a web page that was saved in place of the model.',
      received: quote(/<title>\s*([^<]{1,80})/i.exec(start)?.[1]?.trim() ?? start.slice(0, 40)),
      hint: 'download the file itself: the link of its download button, or the raw file.',
    });
  }
  if (/^(entry not found|404: not found|not found|access ?denied|invalid username or password)/i.test(start)) {
    throw new LabError({
      problem: 'this is the message of a server in place of the model.',
      received: quote(start.slice(0, 60).trim()),
      hint: 'download it again, from an address that exists.',
    });
  }
  if (/^model_checkpoint_path: /.test(start)) throw checkpoint();
}

function checkpoint(): LabError {
  return new LabError({
    problem: 'this is a TensorFlow checkpoint: variables without a model.',
    hint: 'build the model in Keras, load_weights the checkpoint, and save it as .keras.',
  });
}
