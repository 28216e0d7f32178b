/** The shapes of cameras, their rules and what they saw; boxes and polygons are shares of the view. */

import type { Box, Page } from './types';

export interface Both {
  zh: string;
  en: string;
}

export interface Sighting {
  label: string;
  confidence: number;
  box: Box;
}

export interface CameraStatus {
  state: string;
  text: Both;
  detail: string;
  since: string;
  last_look_at: string | null;
  faults: (Both & { fault: string })[];
  inspected: boolean | null;
  change: number | null;
  latency_s: number | null;
  width: number | null;
  height: number | null;
  view_at: string | null;
  looks: number;
  looks_inspected: number;
  sightings: Sighting[];
}

export type Mode = 'watch' | 'round';

export type Transport = 'tcp' | 'udp';

export interface Camera {
  id: number;
  name: string;
  mode: Mode;
  every_s: number;
  transport: Transport;
  url_shown: string;
  place: { text: string | null; lat: number | null; lon: number | null };
  preset_of: string | null;
  paused: boolean;
  revision: number;
  updated_at: string;
  updated_by: string;
  in_plan: boolean;
  open_incidents: number;
  status: CameraStatus | null;
  view_url: string | null;
}

/** From start until just before end, local time HH:MM:SS; until the next day when end <= start. */
export interface Span {
  start: string;
  end: string;
}

/** Spans that begin on these days; 0 is Monday. */
export interface Weekly {
  days: number[];
  spans: Span[];
}

export type Point = [number, number];

export interface Persistence {
  dwell_s: number;
  hits: number;
  of: number;
  clear_looks: number;
  clear_s: number;
  lost_s: number;
}

export interface Zone {
  id: string;
  polygon: Point[];
  labels: string[];
  min_size: number;
  min_confidence: Record<string, number>;
  persistence: Record<string, Persistence>;
  mode: 'review' | 'auto';
  unknown_objects: boolean;
  name: string;
}

export interface Permit {
  id: string;
  polygon: Point[];
  labels: string[];
  weekly: Weekly[];
  dates: Record<string, Span[]>;
  on_holidays: Span[] | null;
  valid_from: string | null;
  valid_until: string | null;
  name: string;
}

export interface Mask {
  id: string;
  polygon: Point[];
  labels: string[];
}

export interface Rules {
  zones: Zone[];
  permits: Permit[];
  masks: Mask[];
  suppressions: unknown[];
  holidays: string[];
  timezone: string;
}

export interface Legal {
  legal_review_no?: string | null;
  tech_review_no?: string | null;
  sign_installed?: boolean | null;
  location_published?: boolean | null;
}

export interface CameraDetail extends Camera {
  rules: Rules;
  plan: Weekly[];
  neighbours: number[];
  legal: Legal;
}

/** What a camera is made from. A change may leave the address out: then the old one stays. */
export interface CameraDraft {
  name: string;
  url?: string;
  mode: Mode;
  every_s: number;
  transport: Transport;
  place_text: string | null;
  lat: number | null;
  lon: number | null;
  preset_of: string | null;
  plan: Weekly[];
  neighbours: number[];
  legal: Legal;
  paused: boolean;
}

export interface TestLook {
  state: string;
  text: Both;
  detail: string;
  width: number | null;
  height: number | null;
  seconds: number;
  picture: string | null;
  detections: Sighting[];
}

export interface CameraRef {
  id: number;
  name: string;
}

export interface Incident {
  id: string;
  camera: CameraRef;
  label: string;
  zone: string;
  stage: 'open' | 'ended';
  box: Box;
  first_seen: string;
  opened_at: string;
  last_seen: string;
  ended_at: string | null;
  confidence: number;
  lead_id: number | null;
  latency_s: number | null;
  suspects: number;
}

export type SuspectVerdict = 'confirmed' | 'dismissed';

export interface Suspect {
  id: number;
  camera: CameraRef;
  at: string;
  seconds_before: number;
  label: string;
  confidence: number;
  picture_url: string;
  verdict: SuspectVerdict | null;
  decided_by: string | null;
  decided_at: string | null;
}

export interface IncidentDetail extends Omit<Incident, 'suspects'> {
  suspects: Suspect[];
}

export type IncidentPage = Page<Incident>;

export interface ReplayedIncident {
  label: string;
  zone: string;
  first_seen: string;
  opened_at: string;
  ended_at: string | null;
  confidence: number;
  box: Box;
}

export interface Replay {
  looks: number;
  since: string | null;
  until: string | null;
  incidents: number;
  instead_of: number;
  list: ReplayedIncident[];
  removed: ReplayedIncident[];
  added: ReplayedIncident[];
}

export interface CameraNotice {
  id: number;
  camera: CameraRef;
  kind: 'fault' | 'outage';
  what: string;
  text?: Both;
  detail: string;
  began_at: string;
  ended_at: string | null;
}

export interface Suppression {
  id: number;
  camera: CameraRef;
  label: string;
  box: Box;
  expires_at: string;
  lead_id: number | null;
  note: string | null;
  standing: boolean;
  created_by: string;
  created_at: string;
  lifted_by: string | null;
  lifted_at: string | null;
}

export interface SuppressionPreview {
  /** Incidents of the last seven days that would not have been reported. */
  incidents: number;
}
