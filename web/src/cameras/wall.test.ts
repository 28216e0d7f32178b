/** Filter, search and order of the wall. */
import { describe, expect, it } from 'vitest';
import type { Camera } from '../api/cameras';
import { sampleCamera, sampleStatus } from './sample';
import { chosen, columnsIn, condition, count, filterOf, matches } from './wall';

const fault = { fault: 'dark', zh: '画面过暗', en: 'The view is dark' };

describe('condition', () => {
  it.each<[string, Partial<Camera>]>([
    ['ok', {}],
    ['off', { paused: true }],
    ['off', { in_plan: false }],
    ['off', { status: sampleStatus({ state: 'paused' }) }],
    ['waiting', { status: null }],
    ['waiting', { status: sampleStatus({ state: 'connecting' }) }],
    ['faulty', { status: sampleStatus({ faults: [fault] }) }],
    ['faulty', { status: sampleStatus({ state: 'clock_wrong' }) }],
    ['down', { status: sampleStatus({ state: 'auth_failed' }) }],
    ['down', { status: sampleStatus({ state: 'stalled', faults: [fault] }) }],
  ])('is %s', (wanted, change) => expect(condition(sampleCamera(1, change))).toBe(wanted));
});

describe('the wall', () => {
  const cameras = [
    sampleCamera(1, { name: '集市街 10 号', open_incidents: 2 }),
    sampleCamera(2, { name: '集市街 2 号', place: { text: 'North Gate', lat: null, lon: null } }),
    sampleCamera(3, { name: '滨江大道', status: sampleStatus({ state: 'refused' }) }),
    sampleCamera(4, { name: 'Bridge', paused: true }),
  ];
  const ids = (list: readonly Camera[]) => list.map((camera) => camera.id);

  it('filters by what is the matter', () => {
    expect(ids(chosen(cameras, 'incidents', '', 'zh-CN'))).toEqual([1]);
    expect(ids(chosen(cameras, 'trouble', '', 'zh-CN'))).toEqual([3]);
    expect(ids(chosen(cameras, 'off', '', 'zh-CN'))).toEqual([4]);
    expect(count(cameras, 'ok')).toBe(2);
    expect(count(cameras, 'all')).toBe(4);
  });

  it('finds every word in name or place', () => {
    expect(ids(chosen(cameras, 'all', '集市', 'zh-CN'))).toEqual([2, 1]);
    expect(ids(chosen(cameras, 'all', ' north 集市 ', 'zh-CN'))).toEqual([2]);
    expect(matches(sampleCamera(7), '')).toBe(true);
    expect(chosen(cameras, 'all', 'nowhere', 'zh-CN')).toEqual([]);
  });

  it('orders numbers as numbers, whatever the cameras do', () => {
    const order = ids(chosen(cameras, 'all', '', 'zh-CN'));
    expect(order.indexOf(2)).toBeLessThan(order.indexOf(1));
    const looked = cameras.map((camera) => ({ ...camera, open_incidents: 9 - camera.id }));
    expect(ids(chosen(looked, 'all', '', 'zh-CN'))).toEqual(order);
  });

  it('reads filters from the address and ignores others', () => {
    expect(filterOf('trouble')).toBe('trouble');
    expect(filterOf('none')).toBe('all');
    expect(filterOf(null)).toBe('all');
  });

  it('puts as many cards side by side as fit', () => {
    expect(columnsIn(922, 206, 12)).toBe(4);
    expect(columnsIn(370, 168, 12)).toBe(2);
    expect(columnsIn(100, 206, 12)).toBe(1);
  });
});
