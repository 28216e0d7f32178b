/** What a replay says of a draft: which incidents stay, which fall away, which come new. */
import type { Replay, ReplayedIncident } from '../api/cameras';

export type Fate = 'same' | 'removed' | 'added';

export interface Line {
  key: string;
  fate: Fate;
  incident: ReplayedIncident;
}

export function keyOf(incident: ReplayedIncident): string {
  return [incident.label, incident.first_seen, ...incident.box.map((one) => one.toFixed(4))].join(
    ' ',
  );
}

/** All incidents of both, the newest first. */
export function linesOf(replay: Replay): Line[] {
  const added = new Set(replay.added.map(keyOf));
  const line = (fate: Fate) => (incident: ReplayedIncident) => ({
    key: `${fate} ${keyOf(incident)}`,
    fate,
    incident,
  });
  const kept = replay.list.filter((one) => !added.has(keyOf(one)));
  return [
    ...kept.map(line('same')),
    ...replay.removed.map(line('removed')),
    ...replay.added.map(line('added')),
  ].sort((a, b) => b.incident.opened_at.localeCompare(a.incident.opened_at));
}
