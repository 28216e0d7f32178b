/** Which key means what at the review desk: one table, read by the keyboard, the hints and the help. */

export type Command =
  | { kind: 'confirm' }
  | { kind: 'reject' }
  | { kind: 'skip' }
  | { kind: 'undo' }
  | { kind: 'class'; index: number }
  | { kind: 'reason'; index: number }
  | { kind: 'original' }
  | { kind: 'boxes' }
  | { kind: 'zoom' }
  | { kind: 'before' }
  | { kind: 'strip' }
  | { kind: 'mute' }
  | { kind: 'help' }
  | { kind: 'dismiss' };

export interface Press {
  key: string;
  /** The physical key: what counts while an input method holds the letters back. */
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
}

export interface Moment {
  /** A rejection was just made and its reason may be given with a digit. */
  askingReason: boolean;
  classes: number;
  reasons: number;
}

const LETTERS: Readonly<Record<string, Command>> = {
  a: { kind: 'confirm' },
  x: { kind: 'reject' },
  f: { kind: 'original' },
  o: { kind: 'original' },
  b: { kind: 'boxes' },
  z: { kind: 'zoom' },
  p: { kind: 'before' },
  t: { kind: 'strip' },
  s: { kind: 'mute' },
  ' ': { kind: 'skip' },
  backspace: { kind: 'undo' },
  '?': { kind: 'help' },
  escape: { kind: 'dismiss' },
};

/** The key as if no input method were on: a Chinese input method reports letters as "Process". */
function plainKey(press: Press): string {
  if (press.key !== 'Process' && press.key !== 'Unidentified') return press.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(press.code);
  if (letter?.[1] !== undefined) return letter[1].toLowerCase();
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(press.code);
  if (digit?.[1] !== undefined) return digit[1];
  if (press.code === 'Space') return ' ';
  return press.code.toLowerCase();
}

/** The command of a key press, or null when the press means nothing here. Held keys never repeat. */
export function commandOf(press: Press, moment: Moment): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat) return null;
  // Full-width forms are what an input method in Chinese punctuation mode types.
  const key = plainKey(press).replace('\uff1f', '?').replace('\u3000', ' ');
  if (/^[1-9]$/.test(key)) {
    const index = Number(key) - 1;
    if (moment.askingReason) return index < moment.reasons ? { kind: 'reason', index } : null;
    return index < moment.classes ? { kind: 'class', index } : null;
  }
  return LETTERS[key] ?? null;
}
