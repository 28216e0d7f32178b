/** Which cameras the wall shows: their condition in one word, filter, search and order. */
import type { Camera } from '../api/cameras';

/**
 * ok: pictures come and nothing is wrong; faulty: pictures come, something is wrong with them;
 * down: no pictures; waiting: not yet known; off: paused, or outside its plan.
 */
export type Condition = 'ok' | 'faulty' | 'down' | 'waiting' | 'off';

const FLAWED = new Set(['clock_wrong', 'shape_changed']);

export function condition(camera: Camera): Condition {
  const { status } = camera;
  if (camera.paused || !camera.in_plan) return 'off';
  if (status === null || status.state === 'connecting') return 'waiting';
  if (status.state === 'paused') return 'off';
  if (status.state !== 'live' && !FLAWED.has(status.state)) return 'down';
  return status.faults.length > 0 || FLAWED.has(status.state) ? 'faulty' : 'ok';
}

export const FILTERS = ['all', 'incidents', 'trouble', 'ok', 'off'] as const;

export type Filter = (typeof FILTERS)[number];

export function filterOf(text: string | null): Filter {
  return FILTERS.find((one) => one === text) ?? 'all';
}

export function passes(camera: Camera, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'incidents':
      return camera.open_incidents > 0;
    case 'trouble':
      return ['faulty', 'down', 'waiting'].includes(condition(camera));
    case 'ok':
      return condition(camera) === 'ok';
    case 'off':
      return condition(camera) === 'off';
  }
}

/** Whether every word searched for stands in the camera's name or place. */
export function matches(camera: Camera, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [camera.name, camera.place.text ?? '', camera.preset_of ?? '']
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

export function count(cameras: readonly Camera[], filter: Filter): number {
  return cameras.filter((camera) => passes(camera, filter)).length;
}

/** What the wall shows, in an order that does not change while the cameras do. */
export function chosen(
  cameras: readonly Camera[],
  filter: Filter,
  search: string,
  locale: string,
): Camera[] {
  const names = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return cameras
    .filter((camera) => passes(camera, filter) && matches(camera, search))
    .sort((a, b) => names.compare(a.name, b.name) || a.id - b.id);
}

/** Cards side by side in that width, each at least `least` wide. */
export function columnsIn(width: number, least: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (least + gap)));
}
