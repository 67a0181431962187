import { LabError } from '../../math/lab-error.ts';

/** How a pickle of protocol 0 begins, which is text: a dict or a list that is memoized, or a class by its name. */
const PROTOCOL_0 = /^(\([dl]p\d{1,4}\n|c[\w.]{1,100}\n\w{1,100}\np\d{1,4}\n)/;

/** Whether the text is a Python pickle of protocol 0, which Python 2 wrote unless told otherwise. Source: pickletools.py. */
export function isTextPickle(start: string): boolean {
  return PROTOCOL_0.test(start);
}

/** What is said of any pickle that torch.save did not write. */
export function pickleError(): LabError {
  return new LabError({
    problem: 'this is a Python pickle: opening it would run what it says, so the lab does not.',
    hint: 'save the weights with torch.save(model.state_dict(), "model.pt"), the vocabulary as JSON.',
  });
}
