import { BoundedMap } from '../src/bounded-map.js';

it('holds as much as it may, and then forgets what was set longest ago', () => {
  const map = new BoundedMap<number, string>(10);
  for (let key = 1; key <= 10; key += 1) map.set(key, 'early');
  expect(map.size).toBe(10);
  map.set(1, 'late');
  expect(map.size).toBe(10);

  map.set(11, 'late');
  expect([...map.keys()]).toEqual([4, 5, 6, 7, 8, 9, 10, 1, 11]);
  expect(map.get(1)).toBe('late');
});
