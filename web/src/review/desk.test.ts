/** The desk's state: every step, its undoing, and answers that come late. */
import { describe, expect, it } from 'vitest';
import { type Action, chosenLabel, type Desk, EMPTY_DESK, reduce, waitingStep } from './desk';
import { sampleLead } from './sample';

function deskWith(...ids: number[]): Desk {
  return act(EMPTY_DESK, {
    kind: 'loaded',
    leads: ids.map((id) => sampleLead(id)),
    total: ids.length,
    listedUpTo: Infinity,
    asOf: 0,
  });
}

function act(desk: Desk, ...actions: Action[]): Desk {
  return actions.reduce(reduce, desk);
}

const ids = (desk: Desk) => desk.queue.map((lead) => lead.id);

describe('deciding', () => {
  it('puts the next lead on the table at once and counts', () => {
    const desk = act(deskWith(1, 2, 3), { kind: 'decide', verdict: 'confirm' });
    expect(ids(desk)).toEqual([2, 3]);
    expect(desk.remaining).toBe(2);
    expect(desk.decidedToday).toBe(1);
    expect(desk.steps[0]).toMatchObject({ verdict: 'confirm', state: 'sending', label: 'litter' });
  });

  it('keeps a rejection back for its reason', () => {
    const desk = act(deskWith(1, 2), { kind: 'decide', verdict: 'reject' });
    expect(waitingStep(desk)?.lead.id).toBe(1);
    const told = act(desk, { kind: 'reason', leadId: 1, reason: 'permitted' });
    expect(told.steps[0]?.reason).toBe('permitted');
  });

  it('uses the class chosen for this lead and for no other', () => {
    const desk = act(deskWith(1, 2), { kind: 'class', label: 'stall' });
    const confirmed = act(desk, { kind: 'decide', verdict: 'confirm' });
    expect(confirmed.steps[0]?.label).toBe('stall');
    expect(chosenLabel(confirmed, sampleLead(2))).toBe('litter');
  });

  it("forgets a chosen class when the model's own is chosen again", () => {
    const desk = act(
      deskWith(1),
      { kind: 'class', label: 'stall' },
      { kind: 'class', label: 'litter' },
    );
    expect(desk.labels).toEqual({});
  });

  it('does nothing on an empty table', () => {
    const empty = deskWith();
    expect(act(empty, { kind: 'decide', verdict: 'confirm' })).toBe(empty);
    expect(act(empty, { kind: 'skip' })).toBe(empty);
    expect(act(empty, { kind: 'class', label: 'stall' })).toBe(empty);
  });
});

describe('undoing', () => {
  it('takes back a decision, with the class that was chosen', () => {
    const before = act(deskWith(1, 2, 3), { kind: 'class', label: 'spill' });
    const after = act(
      before,
      { kind: 'decide', verdict: 'confirm' },
      { kind: 'saved', leadId: 1, caseId: 7 },
      { kind: 'undo', leadId: 1, at: 5 },
    );
    expect(ids(after)).toEqual([1, 2, 3]);
    expect(chosenLabel(after, sampleLead(1))).toBe('spill');
    expect(after.steps).toEqual([]);
    expect(after.remaining).toBe(3);
    expect(after.decidedToday).toBe(0);
  });

  it('takes back a skip', () => {
    const skipped = act(deskWith(1, 2, 3), { kind: 'skip' });
    expect(ids(skipped)).toEqual([2, 3, 1]);
    expect(ids(act(skipped, { kind: 'undo', leadId: 1, at: 5 }))).toEqual([1, 2, 3]);
  });

  it('stands again when the service refuses the undoing', () => {
    const decided = act(
      deskWith(1, 2),
      { kind: 'decide', verdict: 'confirm' },
      { kind: 'saved', leadId: 1, caseId: 7 },
    );
    const step = decided.steps[0];
    if (step === undefined) throw new Error('no step');
    const after = act(decided, { kind: 'undo', leadId: 1, at: 5 }, { kind: 'undoFailed', step });
    expect(ids(after)).toEqual([2]);
    expect(after.steps[0]).toMatchObject({ verdict: 'confirm', state: 'saved' });
    expect(after.remaining).toBe(1);
  });
});

describe('answers of the service', () => {
  it('puts a failed decision back behind the lead on the table, with the reason', () => {
    const desk = act(
      deskWith(1, 2, 3),
      { kind: 'decide', verdict: 'confirm' },
      { kind: 'failed', leadId: 1, message: 'no' },
    );
    expect(ids(desk)).toEqual([2, 1, 3]);
    expect(desk.returned).toEqual({ 1: 'no' });
    expect(desk.remaining).toBe(3);
    expect(desk.decidedToday).toBe(0);
  });

  it('puts a failed decision on the table when nothing else is there', () => {
    const desk = act(
      deskWith(1),
      { kind: 'decide', verdict: 'confirm' },
      { kind: 'failed', leadId: 1, message: '' },
    );
    expect(ids(desk)).toEqual([1]);
  });

  it('does not offer again what was just decided, though an older list still has it', () => {
    const desk = act(
      deskWith(1, 2),
      { kind: 'decide', verdict: 'confirm' },
      {
        kind: 'loaded',
        leads: [sampleLead(1), sampleLead(2), sampleLead(9)],
        total: 3,
        listedUpTo: Infinity,
        asOf: 1,
      },
    );
    expect(ids(desk)).toEqual([2, 9]);
    expect(desk.remaining).toBe(2);
  });

  it('drops what someone else decided, but never the lead on the table', () => {
    const desk = act(deskWith(1, 2, 3), {
      kind: 'loaded',
      leads: [sampleLead(3)],
      total: 1,
      listedUpTo: Infinity,
      asOf: 1,
    });
    expect(ids(desk)).toEqual([1, 3]);
  });

  it('drops what someone else decided also from the part of a long queue that was listed', () => {
    const desk = act(deskWith(1, 2, 3, 8, 9), {
      kind: 'loaded',
      leads: [sampleLead(3), sampleLead(5)],
      total: 40,
      listedUpTo: 5,
      asOf: 1,
    });
    expect(ids(desk)).toEqual([1, 3, 8, 9, 5]);
    expect(desk.remaining).toBe(40);
  });

  it('keeps a lead that was put back after the list was asked for', () => {
    const desk = act(
      deskWith(1, 2, 3),
      { kind: 'decide', verdict: 'confirm' },
      { kind: 'saved', leadId: 1, caseId: 7 },
      { kind: 'undo', leadId: 1, at: 10 },
      { kind: 'skip' },
      {
        kind: 'loaded',
        leads: [2, 3].map((id) => sampleLead(id)),
        total: 2,
        listedUpTo: Infinity,
        asOf: 9,
      },
    );
    expect(ids(desk)).toContain(1);
  });

  it('counts by the total of the service while more pages are to come', () => {
    const desk = act(EMPTY_DESK, {
      kind: 'loaded',
      leads: [sampleLead(1), sampleLead(2)],
      total: 400,
      listedUpTo: 2,
      asOf: 0,
    });
    expect(desk.remaining).toBe(400);
  });
});
