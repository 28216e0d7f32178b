/** What live events make of the cameras on the page, and of the list of what just happened. */
import type { Camera, CameraStatus, Sighting } from '../api/cameras';
import type { LiveEvent } from '../api/live';
import { en } from '../i18n/en';
import { zh } from '../i18n/zh';

type Payload = LiveEvent['payload'];

const FIELDS: readonly (keyof CameraStatus)[] = [
  'state',
  'text',
  'detail',
  'since',
  'last_look_at',
  'faults',
  'inspected',
  'change',
  'latency_s',
  'width',
  'height',
  'view_at',
  'looks',
  'looks_inspected',
  'sightings',
];

/** The fields of a status that the event brings along. */
function statusIn(payload: Payload): Partial<CameraStatus> {
  const status: Record<string, unknown> = {};
  for (const field of FIELDS) {
    if (payload[field] !== undefined) status[field] = payload[field];
  }
  if (Array.isArray(payload.faults)) status.faults = payload.faults.map(namedFault);
  return status;
}

/** Events name a fault by its code alone. */
function namedFault(fault: unknown): CameraStatus['faults'][number] {
  if (typeof fault === 'object' && fault !== null) return fault as CameraStatus['faults'][number];
  const code = String(fault);
  return { fault: code, zh: zh.notices.what[code] ?? code, en: en.notices.what[code] ?? code };
}

function viewIn(camera: Camera, event: LiveEvent): string | null {
  const { view } = event.payload;
  return typeof view === 'string' ? `/api/v1/cameras/${camera.id}/view?v=${view}` : camera.view_url;
}

const BLANK: Omit<CameraStatus, 'state' | 'text' | 'since'> = {
  detail: '',
  last_look_at: null,
  faults: [],
  inspected: null,
  change: null,
  latency_s: null,
  width: null,
  height: null,
  view_at: null,
  looks: 0,
  looks_inspected: 0,
  sightings: [],
};

/** One camera after one event; the same object where the event changes nothing. */
export function foldCamera(camera: Camera, event: LiveEvent): Camera {
  if (event.camera_id !== camera.id) return camera;
  const { payload } = event;
  switch (event.kind) {
    case 'look': {
      const before = camera.status;
      // A camera without a status is asked for anew: a look alone does not tell its state.
      if (before === null && typeof payload.state !== 'string') return camera;
      const status = { ...BLANK, ...before, last_look_at: event.at, ...statusIn(payload) };
      return { ...camera, status: status as CameraStatus, view_url: viewIn(camera, event) };
    }
    case 'state': {
      const status = { ...BLANK, ...camera.status, since: event.at, ...statusIn(payload) };
      if (typeof status.state !== 'string' || status.text === undefined) return camera;
      return { ...camera, status: status as CameraStatus };
    }
    case 'incident':
      return typeof payload.open_incidents === 'number'
        ? { ...camera, open_incidents: payload.open_incidents }
        : camera;
    default:
      return camera;
  }
}

/** All cameras after some events, in order; cameras nothing happened to stay the same objects. */
export function foldCameras(
  cameras: readonly Camera[],
  events: readonly LiveEvent[],
): readonly Camera[] {
  const byCamera = new Map<number, LiveEvent[]>();
  for (const event of events) {
    const list = byCamera.get(event.camera_id);
    if (list === undefined) byCamera.set(event.camera_id, [event]);
    else list.push(event);
  }
  let changed = false;
  const folded = cameras.map((camera) => {
    const next = (byCamera.get(camera.id) ?? []).reduce(foldCamera, camera);
    changed ||= next !== camera;
    return next;
  });
  return changed ? folded : cameras;
}

/** Whether the list of cameras itself, its counts or a first status must be asked for again. */
export function asksForCameras(cameras: readonly Camera[], events: readonly LiveEvent[]): boolean {
  const known = new Map(cameras.map((camera) => [camera.id, camera]));
  return events.some((event) => {
    const camera = known.get(event.camera_id);
    if (camera === undefined || event.kind === 'camera') return true;
    if (event.kind === 'incident') return typeof event.payload.open_incidents !== 'number';
    return camera.status === null && foldCamera(camera, event) === camera;
  });
}

/** How many lines the live list keeps; looks come many times as often as all others. */
export const KEPT_LOOKS = 60;
export const KEPT_OTHERS = 140;

/** The newest events first; an event that came twice stands once, and looks push out looks only. */
export function foldFeed(
  lines: readonly LiveEvent[],
  events: readonly LiveEvent[],
): readonly LiveEvent[] {
  const known = new Set(lines.map((line) => line.id));
  const fresh = events.filter((event) => !known.has(event.id));
  if (fresh.length === 0) return lines;
  let looks = 0;
  let others = 0;
  return [...[...fresh].reverse(), ...lines].filter((line) =>
    line.kind === 'look' ? (looks += 1) <= KEPT_LOOKS : (others += 1) <= KEPT_OTHERS,
  );
}

/** How many of each class a look saw, in the order of the classes given. */
export function countLabels(
  sightings: readonly Sighting[],
  order: readonly string[],
): [string, number][] {
  const counts = new Map<string, number>();
  for (const { label } of sightings) counts.set(label, (counts.get(label) ?? 0) + 1);
  const place = (label: string) => {
    const found = order.indexOf(label);
    return found < 0 ? order.length : found;
  };
  return [...counts].sort(([a], [b]) => place(a) - place(b));
}
