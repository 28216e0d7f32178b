/** The shapes the service answers with; times are ISO 8601 in UTC, boxes pixels of the upright picture. */

export type Role = 'admin' | 'reviewer' | 'dispatcher' | 'unit' | 'viewer';

export interface User {
  name: string;
  role: Role;
  must_change_password: boolean;
}

export interface Session {
  user: User;
  csrf_token: string;
}

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
  total: number;
}

/** x1, y1, x2, y2. */
export type Box = [number, number, number, number];

export type EvidenceKind = 'original' | 'annotated' | 'closeup' | 'masked' | 'before' | 'strip';

export interface Photo {
  id: number;
  sha256: string;
  width: number;
  height: number;
  captured_at: string | null;
  lat: number | null;
  lon: number | null;
  note: string | null;
  filename: string | null;
  channel: string;
}

export interface Place {
  text: string | null;
  lat: number | null;
  lon: number | null;
}

export type Verdict = 'confirm' | 'reject';

export interface Lead {
  id: number;
  status: 'review' | 'confirmed' | 'rejected' | 'merged';
  label: string;
  model_label: string;
  confidence: number;
  box: Box;
  boxes: Box[];
  photo: Photo;
  place: Place;
  created_at: string;
  model: { name: string; sha256: string };
  rule: { kind: string; threshold: number };
  evidence: Partial<Record<EvidenceKind, number | null>>;
  decision: {
    verdict: Verdict;
    label: string | null;
    reason: string | null;
    actor: string;
    at: string;
  } | null;
  case_id: number | null;
  /** In how many photos the same thing at the same place was seen. */
  sightings: number;
  /** Where a camera saw it, and the incident it was; null for photos. */
  camera: { id: number; name: string } | null;
  incident_id: string | null;
}

export interface Unit {
  id: number;
  name_zh: string;
  name_en: string;
}

export interface StandardCode {
  standard_ref: string;
  kind: string;
  code: string;
  name_zh: string;
  name_en: string;
}

export interface Case {
  id: number;
  number: string;
  state: string;
  label: string;
  standard: StandardCode;
  place: Place;
  filed_at: string;
  dispatched_at: string;
  due_at: string;
  unit: Unit | null;
  claimed_by: string | null;
  claimed_at: string | null;
  lead_ids: number[];
  cover_evidence_id: number | null;
}

export interface Evidence {
  id: number;
  kind: EvidenceKind;
  sha256: string;
  media_type: string;
  width: number;
  height: number;
  size: number;
  created_at: string;
  lead_id: number | null;
}

export interface HistoryLine {
  at: string;
  actor: string;
  action: string;
  from_state: string | null;
  to_state: string | null;
  detail: Record<string, unknown> | null;
}

export interface CaseDetail extends Case {
  evidence: Evidence[];
  history: HistoryLine[];
  leads: Lead[];
}

export interface Summary {
  leads_review: number;
  cases_pending: number;
  cases_overdue: number;
  decided_today: number;
}

export interface FiledPhoto {
  id: number;
  sha256: string;
  filename: string;
  duplicate: boolean;
  leads: Lead[];
}

export interface RefusedPhoto {
  filename: string;
  error: { code: string; message: string };
}

export interface UploadAnswer {
  photos: (FiledPhoto | RefusedPhoto)[];
}
