/** A camera for tests, told apart by its number. */
import type { Camera, CameraStatus } from '../api/cameras';
import type { LiveEvent, LiveKind } from '../api/live';

export function sampleStatus(change: Partial<CameraStatus> = {}): CameraStatus {
  return {
    state: 'live',
    text: { zh: '在线', en: 'Live' },
    detail: '',
    since: '2026-11-21T02:00:00Z',
    last_look_at: '2026-11-21T02:00:00Z',
    faults: [],
    inspected: true,
    change: 0.02,
    latency_s: 0.5,
    width: 1280,
    height: 720,
    view_at: '2026-11-21T02:00:00Z',
    looks: 10,
    looks_inspected: 4,
    sightings: [],
    ...change,
  };
}

export function sampleCamera(id: number, change: Partial<Camera> = {}): Camera {
  return {
    id,
    name: `Camera ${id}`,
    mode: 'watch',
    every_s: 10,
    transport: 'tcp',
    url_shown: `rtsp://***@10.0.0.${id}/live`,
    place: { text: null, lat: null, lon: null },
    preset_of: null,
    paused: false,
    revision: 1,
    updated_at: '2026-11-21T01:00:00Z',
    updated_by: 'admin',
    in_plan: true,
    open_incidents: 0,
    status: sampleStatus(),
    view_url: `/api/v1/cameras/${id}/view?v=00000000`,
    ...change,
  };
}

export function sampleEvent(
  id: number,
  kind: LiveKind,
  camera: number,
  payload: LiveEvent['payload'] = {},
): LiveEvent {
  return { id, kind, camera_id: camera, at: '2026-11-21T03:00:00Z', payload };
}
