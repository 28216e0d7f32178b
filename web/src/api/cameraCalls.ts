/** The routes of cameras, incidents and suppressions. */
import type {
  Camera,
  CameraDetail,
  CameraDraft,
  CameraNotice,
  IncidentDetail,
  IncidentPage,
  Replay,
  Rules,
  Suppression,
  SuppressionPreview,
  SuspectVerdict,
  TestLook,
  Transport,
} from './cameras';
import { query } from './calls';
import { request } from './http';

interface Items<Item> {
  items: Item[];
}

export const readCameras = async () => (await request<Items<Camera>>('GET', '/cameras')).items;

export const readCamera = (id: number) => request<CameraDetail>('GET', `/cameras/${id}`);

export const addCamera = (draft: CameraDraft) =>
  request<CameraDetail>('POST', '/cameras', { body: draft });

export const changeCamera = (id: number, revision: number, change: Partial<CameraDraft>) =>
  request<CameraDetail>('PATCH', `/cameras/${id}`, { body: { ...change, revision } });

export const removeCamera = (id: number) => request<void>('DELETE', `/cameras/${id}`);

export const saveRules = (id: number, revision: number, rules: Rules) =>
  request<CameraDetail>('PUT', `/cameras/${id}/rules`, { body: { rules, revision } });

export const testLook = (
  what: { url: string; transport: Transport } | { camera_id: number },
  signal?: AbortSignal,
) => request<TestLook>('POST', '/cameras/test', { body: what, ...(signal ? { signal } : {}) });

export const replayRules = (id: number, rules: Rules, days: number, signal?: AbortSignal) =>
  request<Replay>('POST', `/cameras/${id}/replay`, {
    body: { rules, days },
    ...(signal ? { signal } : {}),
  });

export const readCameraNotices = async (id: number) =>
  (await request<Items<CameraNotice>>('GET', `/cameras/${id}/notices`)).items;

export const readNotices = async (open: boolean) =>
  (await request<Items<CameraNotice>>('GET', `/notices${query({ open: open ? 'true' : null })}`))
    .items;

export const readIncidents = (
  where: { camera_id?: number; stage?: 'open' | 'ended' | null },
  cursor: string | null,
  limit = 50,
) => request<IncidentPage>('GET', `/incidents${query({ ...where, limit, cursor })}`);

export const readIncident = (id: string) =>
  request<IncidentDetail>('GET', `/incidents/${encodeURIComponent(id)}`);

export const judgeSuspect = (id: number, verdict: SuspectVerdict | null) =>
  request<unknown>('POST', `/suspects/${id}/verdict`, { body: { verdict } });

export const readSuppressions = async (cameraId: number) =>
  (await request<Items<Suppression>>('GET', `/suppressions${query({ camera_id: cameraId })}`))
    .items;

export const previewSuppression = (leadId: number) =>
  request<SuppressionPreview>('POST', '/suppressions/preview', { body: { lead_id: leadId } });

export const suppress = (leadId: number, days: number, note: string | null) =>
  request<Suppression>('POST', '/suppressions', { body: { lead_id: leadId, days, note } });

export const liftSuppression = (id: number) => request<void>('DELETE', `/suppressions/${id}`);
