/** Listens to the keyboard for the desk, except where someone types or a dialog is open. */
import { useEffect, useRef } from 'react';
import { type Command, commandOf, type Moment } from './keys';

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  return ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** A control that was reached with the Tab key keeps Space and Enter for itself. */
function operates(target: EventTarget | null, command: Command): boolean {
  if (command.kind !== 'skip' || !(target instanceof HTMLElement)) return false;
  return target.matches('button:focus-visible, a:focus-visible');
}

export function useKeys(moment: Moment, run: (command: Command) => void): void {
  const latest = useRef({ moment, run });
  latest.current = { moment, run };
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (typing(event.target)) return;
      if (document.querySelector('[role="dialog"], [role="menu"]') !== null) return;
      const command = commandOf(event, latest.current.moment);
      if (command === null || operates(event.target, command)) return;
      event.preventDefault();
      latest.current.run(command);
    };
    window.addEventListener('keydown', down);
    return () => window.removeEventListener('keydown', down);
  }, []);
}
