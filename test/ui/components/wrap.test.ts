import { expect, it } from 'vitest';
import { wrap } from '../../../src/ui/components/wrap.ts';

it('a line breaks at a space, but not between a number and its %', () => {
  expect(wrap('it shows 52 % of c', 11)).toEqual(['it shows', '52 % of c']);
  expect(wrap('it shows half of c', 11)).toEqual(['it shows', 'half of c']);
});
