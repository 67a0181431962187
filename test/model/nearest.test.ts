import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../src/model/nearest.ts';

const names = ['return-sequences', 'return-state', 'stacked', 'sentiment'];

describe('the name that a misspelt one was meant to be', () => {
  it('is the one that fewest letters apart', () => {
    expect(nearest('return-sequence', names)).toBe('return-sequences');
    expect(nearest('satcked', names)).toBe('stacked');
    expect(nearest('SENTIMENT', names)).toBe('sentiment');
    expect(nearest('state', names)).toBe('return-state');
  });

  it('is none where nothing is near, and then all are listed', () => {
    expect(nearest('xylophone', names)).toBeUndefined();
    expect(suggestion('xylophone', names)).toBe('there are return-sequences, return-state, stacked, sentiment.');
    expect(suggestion('x', [])).toBe('there are none.');
  });

  it('is found in reasonable time for a name of a million letters', () => {
    expect(nearest('a'.repeat(1_000_000), names)).toBeUndefined();
  });
});
