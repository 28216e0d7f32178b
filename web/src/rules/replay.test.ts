/** What a replay lists: what stays, what falls away, what comes new. */
import { describe, expect, it } from 'vitest';
import type { Replay, ReplayedIncident } from '../api/cameras';
import { linesOf } from './replay';

function incident(hour: number, label = 'stall'): ReplayedIncident {
  const at = new Date(Date.UTC(2026, 4, 1, hour)).toISOString();
  return {
    label,
    zone: 'view',
    first_seen: at,
    opened_at: at,
    ended_at: null,
    confidence: 0.8,
    box: [0.1, 0.1, 0.2, 0.2],
  };
}

function replay(change: Partial<Replay>): Replay {
  return {
    looks: 10,
    since: null,
    until: null,
    incidents: 0,
    instead_of: 0,
    list: [],
    removed: [],
    added: [],
    ...change,
  };
}

describe('linesOf', () => {
  it('tells the fate of each, the newest first', () => {
    const lines = linesOf(
      replay({
        list: [incident(1), incident(3, 'litter')],
        added: [incident(3, 'litter')],
        removed: [incident(2)],
      }),
    );
    expect(lines.map((line) => line.fate)).toEqual(['added', 'removed', 'same']);
    expect(new Set(lines.map((line) => line.key)).size).toBe(3);
  });

  it('is empty where nothing happened', () => {
    expect(linesOf(replay({}))).toEqual([]);
  });
});
