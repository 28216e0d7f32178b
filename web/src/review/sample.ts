/** A lead for tests, told apart by its number. */
import type { Lead } from '../api/types';

export function sampleLead(id: number, label = 'litter'): Lead {
  return {
    id,
    status: 'review',
    label,
    model_label: label,
    confidence: 0.8,
    box: [100, 100, 300, 200],
    boxes: [[100, 100, 300, 200]],
    photo: {
      id,
      sha256: 'ab'.repeat(32),
      width: 960,
      height: 640,
      captured_at: '2026-11-21T02:00:00Z',
      lat: null,
      lon: null,
      note: null,
      filename: `${id}.jpg`,
      channel: 'upload',
    },
    place: { text: null, lat: null, lon: null },
    created_at: '2026-11-21T02:01:00Z',
    model: { name: 'street', sha256: 'cd'.repeat(32) },
    rule: { kind: 'threshold', threshold: 0.4 },
    evidence: { original: 1, annotated: 2, closeup: 3, masked: 4 },
    decision: null,
    case_id: null,
    sightings: 1,
    camera: null,
    incident_id: null,
  };
}
