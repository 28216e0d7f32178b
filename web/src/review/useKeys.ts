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
    // A click with the mouse leaves no button focused that Space would then press again.
    const click = (event: MouseEvent) => {
      const pressed = event.target instanceof Element ? event.target.closest('button') : null;
      if (event.detail > 0 && pressed?.closest('#content') != null) pressed.blur();
    };
    window.addEventListener('keydown', down);
    window.addEventListener('click', click);
    return () => {
      window.removeEventListener('keydown', down);
      window.removeEventListener('click', click);
    };
  }, []);
}
