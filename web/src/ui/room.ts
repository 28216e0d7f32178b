/** How much room an element has, measured as it changes. */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

export interface Room {
  width: number;
  height: number;
}

export function useRoom<Element extends HTMLElement = HTMLDivElement>(): [
  RefObject<Element | null>,
  Room,
] {
  const ref = useRef<Element>(null);
  const [room, setRoom] = useState<Room>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = () => setRoom({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return [ref, room];
}
