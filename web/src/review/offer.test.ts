/** After which rejections the desk offers not to report a spot again. */
import { describe, expect, it } from 'vitest';
import { type Action, type Desk, EMPTY_DESK, type Reason, reduce } from './desk';
import { newOffer, pastOffers, stands } from './offer';
import { sampleLead } from './sample';

const ofCamera = (id: number) => ({ ...sampleLead(id), camera: { id: 7, name: 'Gate' } });

function desk(...actions: Action[]): Desk {
  const leads = [ofCamera(1), sampleLead(2), ofCamera(3)];
  const loaded: Action = { kind: 'loaded', leads, total: 3, listedUpTo: Infinity, asOf: 0 };
  return [loaded, ...actions].reduce(reduce, EMPTY_DESK);
}

const reject = (leadId: number, reason: Reason | null = null): Action[] => [
  { kind: 'decide', verdict: 'reject' },
  ...(reason === null ? [] : [{ kind: 'reason', leadId, reason } as const]),
  { kind: 'sending', leadId },
  { kind: 'saved', leadId, caseId: null },
];

const none = new Set<number>();

describe('newOffer', () => {
  it('comes once the service holds the rejection of a camera lead', () => {
    expect(newOffer(desk({ kind: 'decide', verdict: 'reject' }), none)).toBeNull();
    expect(newOffer(desk(...reject(1)), none)?.lead.id).toBe(1);
    expect(newOffer(desk(...reject(1, 'permitted')), none)?.lead.id).toBe(1);
  });

  it('comes once', () => {
    expect(newOffer(desk(...reject(1)), new Set([1]))).toBeNull();
  });

  it('does not come for photos, confirmed leads, and what passed or is filed', () => {
    expect(newOffer(desk({ kind: 'skip' }, ...reject(2)), none)).toBeNull();
    expect(newOffer(desk({ kind: 'decide', verdict: 'confirm' }), none)).toBeNull();
    expect(newOffer(desk(...reject(1, 'already_clean')), none)).toBeNull();
    expect(newOffer(desk(...reject(1, 'duplicate')), none)).toBeNull();
  });

  it('does not come for what was rejected before the page opened', () => {
    const before = desk(...reject(1));
    expect(newOffer(before, pastOffers(before))).toBeNull();
  });
});

describe('stands', () => {
  it('until the rejection is taken back', () => {
    const rejected = desk(...reject(1));
    expect(stands(rejected, 1)).toBe(true);
    expect(stands(reduce(rejected, { kind: 'undo', leadId: 1, at: 1 }), 1)).toBe(false);
  });
});
