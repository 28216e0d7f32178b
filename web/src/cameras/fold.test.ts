/** What live events make of the cameras on the page and of the live list. */
import { describe, expect, it } from 'vitest';
import {
  asksForCameras,
  countLabels,
  foldCamera,
  foldCameras,
  foldFeed,
  KEPT_LOOKS,
  KEPT_OTHERS,
} from './fold';
import { sampleCamera, sampleEvent } from './sample';

const look = (id: number, camera: number, payload = {}) =>
  sampleEvent(id, 'look', camera, { inspected: true, ...payload });

describe('foldCamera', () => {
  it('takes over what a look brings and leaves the rest', () => {
    const sightings = [{ label: 'stall', confidence: 0.7, box: [0.1, 0.1, 0.2, 0.2] }];
    const camera = foldCamera(sampleCamera(3), look(1, 3, { sightings, view: 'abcd1234' }));
    expect(camera.view_url).toBe('/api/v1/cameras/3/view?v=abcd1234');
    expect(camera.status).toMatchObject({
      last_look_at: '2026-11-21T03:00:00Z',
      sightings,
      state: 'live',
      width: 1280,
    });
  });

  it('keeps the picture when a look brings none', () => {
    const camera = sampleCamera(3);
    expect(foldCamera(camera, look(1, 3, { view: null })).view_url).toBe(camera.view_url);
  });

  it('names faults in both languages', () => {
    const camera = foldCamera(sampleCamera(3), look(1, 3, { faults: ['dark', 'strange'] }));
    expect(camera.status?.faults).toEqual([
      { fault: 'dark', zh: '画面过暗', en: 'The view is dark' },
      { fault: 'strange', zh: 'strange', en: 'strange' },
    ]);
  });

  it('turns to another state, also from none', () => {
    const text = { zh: '主机拒绝连接', en: 'The host refuses the connection' };
    const event = sampleEvent(1, 'state', 3, { state: 'refused', text, detail: '10.0.0.3' });
    expect(foldCamera(sampleCamera(3), event).status).toMatchObject({ state: 'refused', text });
    expect(foldCamera(sampleCamera(3, { status: null }), event).status).toMatchObject({
      state: 'refused',
      looks: 0,
    });
  });

  it('leaves other cameras alone', () => {
    const camera = sampleCamera(3);
    expect(foldCamera(camera, look(1, 4))).toBe(camera);
  });
});

describe('foldCameras', () => {
  const cameras = [1, 2, 3].map((id) => sampleCamera(id));

  it('renews only what changed', () => {
    const folded = foldCameras(cameras, [look(1, 2), look(2, 2)]);
    expect(folded[0]).toBe(cameras[0]);
    expect(folded[1]).not.toBe(cameras[1]);
    expect(folded[2]).toBe(cameras[2]);
  });

  it('is the same list where nothing changed', () => {
    expect(foldCameras(cameras, [look(1, 9), sampleEvent(2, 'notice', 1)])).toBe(cameras);
  });
});

describe('asksForCameras', () => {
  const cameras = [sampleCamera(1), sampleCamera(2, { status: null })];

  it('asks for cameras it does not know, changed ones and counts', () => {
    expect(asksForCameras(cameras, [look(1, 9)])).toBe(true);
    expect(asksForCameras(cameras, [sampleEvent(1, 'camera', 1, { what: 'changed' })])).toBe(true);
    expect(asksForCameras(cameras, [sampleEvent(1, 'incident', 1)])).toBe(true);
    expect(asksForCameras(cameras, [look(1, 2)])).toBe(true);
  });

  it('asks for nothing after looks alone', () => {
    expect(asksForCameras(cameras, [look(1, 1), sampleEvent(2, 'notice', 1)])).toBe(false);
  });
});

describe('foldFeed', () => {
  it('puts the newest first and none twice', () => {
    const first = foldFeed([], [look(1, 1), look(2, 1)]);
    const second = foldFeed(first, [look(2, 1), look(3, 1)]);
    expect(second.map((line) => line.id)).toEqual([3, 2, 1]);
    expect(foldFeed(second, [look(3, 1)])).toBe(second);
  });

  it('lets looks push out looks only', () => {
    const incident = sampleEvent(1, 'incident', 1);
    const looks = Array.from({ length: 3 * KEPT_LOOKS }, (_, place) => look(place + 2, 1));
    const lines = foldFeed(foldFeed([], [incident]), looks);
    expect(lines).toHaveLength(KEPT_LOOKS + 1);
    expect(lines.at(-1)).toBe(incident);
    const notices = Array.from({ length: KEPT_OTHERS }, (_, place) =>
      sampleEvent(1000 + place, 'notice', 1),
    );
    expect(foldFeed(lines, notices)).not.toContain(incident);
  });
});

describe('countLabels', () => {
  it('counts in the order of the classes, unknown ones last', () => {
    const seen = ['car', 'odd', 'stall', 'car'].map((label) => ({
      label,
      confidence: 0.5,
      box: [0, 0, 1, 1] as [number, number, number, number],
    }));
    expect(countLabels(seen, ['stall', 'car'])).toEqual([
      ['stall', 1],
      ['car', 2],
      ['odd', 1],
    ]);
  });
});
