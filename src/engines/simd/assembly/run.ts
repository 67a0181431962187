import { gruCandidate, gruGates, gruStep } from './gru';
import { lstmStep } from './lstm';
import { before, GRU_RESET_AFTER, GRU_RESET_BEFORE, LSTM, Part, rowOf } from './part';
import { products } from './products';
import { carry, skip } from './rows';
import { simpleRnnStep } from './simple-rnn';
import { meet } from './team';

/**
 * A block of timesteps of a recurrent layer: of one part, or of both parts of a layer where one thread computes both (else `second` is 0). False where
 * the other thread has not come.
 */
export function runParts(first: usize, second: usize): bool {
  project(changetype<Part>(first));
  if (second) project(changetype<Part>(second));
  const steps = changetype<Part>(first).steps;
  const mask = changetype<Part>(first).mask;
  const inHalves = changetype<Part>(first).kind == GRU_RESET_BEFORE;
  for (let t = 0; t < steps; t++) {
    if (mask && !load<u8>(mask + t)) {
      skipStep(changetype<Part>(first), t);
      if (second) skipStep(changetype<Part>(second), t);
    } else {
      step(changetype<Part>(first), t);
      if (second) step(changetype<Part>(second), t);
      if (inHalves) {
        if (!meet()) return false;
        gruCandidate(changetype<Part>(first), t);
        if (second) gruCandidate(changetype<Part>(second), t);
      }
    }
    // The next step sees h of all units.
    if (!meet()) return false;
  }
  return true;
}

/** x · W + b of all steps of the block. */
function project(part: Part): void {
  const xRow = (<usize>part.features) << 2;
  products(part.projected, part.bias, part.input, xRow, part.steps, part.features, part.kernel, part.panels);
}

function step(part: Part, t: i32): void {
  switch (part.kind) {
    case LSTM:
      return lstmStep(part, t);
    case GRU_RESET_AFTER:
      return gruStep(part, t);
    case GRU_RESET_BEFORE:
      return gruGates(part, t);
    default:
      return simpleRnnStep(part, t);
  }
}

/** A masked step: its quantities are not a number, its states go on from the row before. */
function skipStep(part: Part, t: i32): void {
  const stride = part.stride;
  const count = part.count;
  const old = before(part, t);
  const now = old + rowOf(part);
  skip(now, stride, count, part.units);
  // The last quantity is h.
  carry(now + <usize>(count - 1) * stride, old + <usize>(count - 1) * stride, part.units);
  if (part.kind == LSTM) carry(now + 8 * stride, old + 8 * stride, part.units);
}
