/** The rule editor: drawing, moving, undo and redo, and what counts as unsaved. */
import { describe, expect, it } from 'vitest';
import type { Point, Rules } from '../api/cameras';
import { type Action, begin, type Editor, isDirty, reduce, selectedShape } from './editor';
import { sampleRules } from './sample';

function act(editor: Editor, ...actions: Action[]): Editor {
  return actions.reduce(reduce, editor);
}

const start = (rules: Rules = sampleRules()) => begin(rules);

const held = (corner: number | null): Action => ({
  kind: 'select',
  selection: { kind: 'zones', index: 0, corner },
});

const corners: Point[] = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
];

const drawn = (kind: 'zones' | 'permits' | 'masks'): Action[] => [
  { kind: 'draw', shape: kind },
  ...corners.map((at): Action => ({ kind: 'addPoint', at })),
  { kind: 'finish' },
];

describe('drawing', () => {
  it.each(['zones', 'permits', 'masks'] as const)('adds to the %s and holds what came', (kind) => {
    const before = start();
    const after = act(before, ...drawn(kind));
    expect(after.rules[kind]).toHaveLength(before.rules[kind].length + 1);
    expect(selectedShape(after)?.polygon).toEqual(corners);
    expect(after.drawing).toBeNull();
  });

  it('gives every polygon a number of its own', () => {
    const after = act(start(), ...drawn('zones'), ...drawn('zones'));
    expect(after.rules.zones.map((zone) => zone.id)).toEqual(['view', 'zone-1', 'zone-2']);
  });

  it('is done with the keyboard: arrows lead the cross, Enter sets corners', () => {
    const after = act(
      start(),
      { kind: 'draw', shape: 'masks' },
      { kind: 'addPoint' },
      { kind: 'aimBy', dx: 0.2, dy: 0 },
      { kind: 'addPoint' },
      { kind: 'aimBy', dx: 0, dy: 0.9 },
      { kind: 'addPoint' },
      { kind: 'finish' },
    );
    expect(selectedShape(after)?.polygon).toEqual([
      [0.5, 0.5],
      [0.7, 0.5],
      [0.7, 1],
    ]);
  });

  it('sets no corner twice, takes the last one back, and needs three', () => {
    const two = act(
      start(),
      { kind: 'draw', shape: 'zones' },
      { kind: 'addPoint', at: [0.1, 0.1] },
      { kind: 'addPoint', at: [0.1, 0.1] },
      { kind: 'addPoint', at: [0.5, 0.1] },
      { kind: 'addPoint', at: [0.5, 0.5] },
      { kind: 'dropPoint' },
    );
    expect(two.drawing?.points).toHaveLength(2);
    expect(act(two, { kind: 'finish' })).toBe(two);
  });

  it('leaves nothing behind when it is given up', () => {
    const before = start();
    const after = act(before, { kind: 'draw', shape: 'zones' }, { kind: 'cancel' });
    expect(after.drawing).toBeNull();
    expect(isDirty(after)).toBe(false);
  });
});

describe('moving', () => {
  it('moves the corner that is held, or the whole polygon', () => {
    const editor = act(start(), ...drawn('masks'));
    const selection = { kind: 'masks', index: 0, corner: 1 } as const;
    const one = act(editor, { kind: 'select', selection }, { kind: 'moveTo', at: [0.6, 0.05] });
    expect(one.rules.masks[0]?.polygon[1]).toEqual([0.6, 0.05]);
    const all = act(editor, { kind: 'moveBy', dx: 0.1, dy: 0.2 });
    expect(all.rules.masks[0]?.polygon[0]).toEqual([0.2, 0.3]);
  });

  it('adds a corner after the one that is held and holds the new one', () => {
    const after = act(start(), held(1), { kind: 'insert' });
    expect(after.rules.zones[0]?.polygon).toHaveLength(5);
    expect(after.selection?.corner).toBe(2);
    expect(act(start(), held(null), { kind: 'insert' }).rules.zones[0]?.polygon).toHaveLength(4);
  });

  it('removes corners down to three, and then none', () => {
    const three = act(start(), held(3), { kind: 'deleteCorner' });
    expect(three.rules.zones[0]?.polygon).toHaveLength(3);
    expect(three.selection?.corner).toBe(2);
    expect(act(three, { kind: 'deleteCorner' }).rules).toBe(three.rules);
  });
});

describe('undo and redo', () => {
  it('go through the steps and back', () => {
    const editor = act(
      start(),
      held(null),
      { kind: 'change', change: { labels: ['stall'] } },
      { kind: 'change', change: { mode: 'auto' } },
    );
    const back = act(editor, { kind: 'undo' });
    expect(back.rules.zones[0]).toMatchObject({ labels: ['stall'], mode: 'review' });
    expect(act(back, { kind: 'redo' }).rules).toBe(editor.rules);
    expect(act(back, { kind: 'undo' }, { kind: 'undo' }).rules).toBe(editor.saved);
  });

  it('take one drag back as one step, and the next drag as another', () => {
    const editor = act(
      start(),
      held(0),
      { kind: 'moveTo', at: [0.1, 0.1] },
      { kind: 'moveTo', at: [0.2, 0.2] },
      { kind: 'settle' },
      { kind: 'moveTo', at: [0.3, 0.3] },
    );
    const once = act(editor, { kind: 'undo' });
    expect(once.rules.zones[0]?.polygon[0]).toEqual([0.2, 0.2]);
    expect(act(once, { kind: 'undo' }).rules).toBe(editor.saved);
  });

  it('take a typed name back as one step', () => {
    const type = (name: string): Action => ({ kind: 'change', change: { name }, merge: 'name' });
    const editor = act(start(), held(null), type('N'), type('No'), type('Nor'));
    expect(act(editor, { kind: 'undo' }).rules).toBe(editor.saved);
  });

  it('forget what was undone once something new is done', () => {
    const editor = act(
      start(),
      held(null),
      { kind: 'change', change: { mode: 'auto' } },
      { kind: 'undo' },
      { kind: 'change', change: { unknown_objects: true } },
    );
    expect(act(editor, { kind: 'redo' })).toBe(editor);
  });

  it('let go of a polygon that is no longer there', () => {
    const editor = act(start(), ...drawn('zones'), { kind: 'undo' });
    expect(editor.selection).toBeNull();
  });

  it('bring a deleted polygon back with all it had', () => {
    const editor = act(start(), ...drawn('permits'), { kind: 'deleteShape' });
    expect(editor.rules.permits).toHaveLength(0);
    expect(act(editor, { kind: 'undo' }).rules.permits[0]?.weekly).toHaveLength(1);
  });
});

describe('unsaved', () => {
  const changed = act(start(), held(null), { kind: 'change', change: { mode: 'auto' } });

  it('is what differs from what the service holds', () => {
    expect(isDirty(changed)).toBe(true);
    expect(isDirty(act(changed, { kind: 'undo' }))).toBe(false);
  });

  it('is nothing after saving, but what was changed since they were sent', () => {
    expect(isDirty(act(changed, { kind: 'kept', rules: changed.rules }))).toBe(false);
    const later = act(changed, { kind: 'change', change: { name: 'later' } });
    expect(isDirty(act(later, { kind: 'kept', rules: changed.rules }))).toBe(true);
  });

  it('can still be undone after saving', () => {
    const kept = act(changed, { kind: 'kept', rules: changed.rules }, { kind: 'undo' });
    expect(isDirty(kept)).toBe(true);
    expect(kept.rules.zones[0]?.mode).toBe('review');
  });
});
