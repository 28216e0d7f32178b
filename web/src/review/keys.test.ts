/** Keys, also under a Chinese input method, and what they must not do. */
import { describe, expect, it } from 'vitest';
import { commandOf, type Moment, type Press } from './keys';

const CALM: Moment = { askingReason: false, classes: 5, reasons: 6 };
const ASKING: Moment = { ...CALM, askingReason: true };

function press(key: string, more: Partial<Press> = {}): Press {
  return { key, code: '', ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more };
}

describe('commandOf', () => {
  it.each([
    ['a', 'confirm'],
    ['A', 'confirm'],
    ['x', 'reject'],
    [' ', 'skip'],
    ['Backspace', 'undo'],
    ['f', 'original'],
    ['o', 'original'],
    ['p', 'before'],
    ['t', 'strip'],
    ['s', 'mute'],
    ['?', 'help'],
    ['\uff1f', 'help'],
    ['Escape', 'dismiss'],
  ])('%j means %s', (key, kind) => {
    expect(commandOf(press(key), CALM)).toEqual({ kind });
  });

  it('reads digits as classes, and as reasons after a rejection', () => {
    expect(commandOf(press('2'), CALM)).toEqual({ kind: 'class', index: 1 });
    expect(commandOf(press('2'), ASKING)).toEqual({ kind: 'reason', index: 1 });
    expect(commandOf(press('6'), ASKING)).toEqual({ kind: 'reason', index: 5 });
  });

  it('knows no class 6 and no reason 7', () => {
    expect(commandOf(press('6'), CALM)).toBeNull();
    expect(commandOf(press('7'), ASKING)).toBeNull();
    expect(commandOf(press('0'), CALM)).toBeNull();
  });

  it('decides nothing while a key is held down', () => {
    expect(commandOf(press('a', { repeat: true }), CALM)).toBeNull();
  });

  it('leaves the shortcuts of the browser alone', () => {
    expect(commandOf(press('a', { ctrlKey: true }), CALM)).toBeNull();
    expect(commandOf(press('x', { metaKey: true }), CALM)).toBeNull();
    expect(commandOf(press('1', { altKey: true }), CALM)).toBeNull();
  });

  it('reads the physical key while an input method holds the letter back', () => {
    expect(commandOf(press('Process', { code: 'KeyA' }), CALM)).toEqual({ kind: 'confirm' });
    expect(commandOf(press('Process', { code: 'Digit3' }), CALM)).toEqual({
      kind: 'class',
      index: 2,
    });
    expect(commandOf(press('Process', { code: 'Space' }), CALM)).toEqual({ kind: 'skip' });
    expect(commandOf(press('Process', { code: 'Backspace' }), CALM)).toEqual({ kind: 'undo' });
    expect(commandOf(press('Process', { code: 'KeyQ' }), CALM)).toBeNull();
  });
});
