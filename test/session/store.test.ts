import { expect, it } from 'vitest';
import { createStore } from '../../src/session/store.ts';

it('tells its listeners about changes only, and forgets those that left', () => {
  const store = createStore(1, (state: number, action: number) => state + action);
  let calls = 0;
  const leave = store.subscribe(() => {
    calls++;
  });
  store.dispatch(0);
  expect(calls).toBe(0);
  store.dispatch(2);
  expect([store.get(), calls]).toEqual([3, 1]);
  leave();
  store.dispatch(2);
  expect([store.get(), calls]).toEqual([5, 1]);
});
