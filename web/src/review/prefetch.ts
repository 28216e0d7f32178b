/** Fetches the pictures of the leads that come next, so that they stand at once. */
import { useEffect, useRef } from 'react';
import { evidenceUrl } from '../api/http';
import type { EvidenceKind, Lead } from '../api/types';

const AHEAD = 3;
const KEPT = 24;

/** The address of a lead's picture; null when the lead has none. */
export function pictureUrl(lead: Lead, kind: EvidenceKind): string | null {
  const id = lead.evidence[kind] ?? Object.values(lead.evidence).find((one) => one !== null);
  return id === undefined ? null : evidenceUrl(id, kind);
}

/** Pictures that only cameras give; null when there is none. */
export function extraUrl(lead: Lead, kind: 'before' | 'strip'): string | null {
  const id = lead.evidence[kind] ?? null;
  return id === null ? null : evidenceUrl(id, kind);
}

/** The original of a stream is its own coded frame, as a film of one picture. */
export function isFilm(lead: Lead): boolean {
  return lead.photo.filename?.endsWith('.mp4') === true;
}

/** Holds the decoded pictures of the next leads; the newest KEPT stay in memory. */
export function usePrefetch(queue: readonly Lead[]): void {
  const held = useRef(new Map<string, HTMLImageElement>());
  useEffect(() => {
    for (const lead of queue.slice(1, 1 + AHEAD)) {
      const urls = [
        pictureUrl(lead, 'masked'),
        pictureUrl(lead, 'closeup'),
        extraUrl(lead, 'before'),
        extraUrl(lead, 'strip'),
      ];
      for (const url of urls) {
        if (url === null || held.current.has(url)) continue;
        const image = new Image();
        image.decoding = 'async';
        image.src = url;
        held.current.set(url, image);
      }
    }
    for (const url of held.current.keys()) {
      if (held.current.size <= KEPT) break;
      held.current.delete(url);
    }
  }, [queue]);
}
