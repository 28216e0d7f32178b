/** Where a picture and its boxes come to lie on the screen. */
import type { Box } from '../api/types';

export interface Size {
  width: number;
  height: number;
}

/** The largest size with the picture's proportions inside the room, in whole pixels. */
export function fit(picture: Size, room: Size): Size {
  if (picture.width <= 0 || picture.height <= 0 || room.width <= 0 || room.height <= 0) {
    return { width: 0, height: 0 };
  }
  const scale = Math.min(room.width / picture.width, room.height / picture.height);
  return { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
}

export interface Placed {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A box (pixels of the picture) in pixels of the shown picture; parts outside it are cut off. */
export function placeBox(box: Box, picture: Size, shown: Size): Placed {
  const sx = shown.width / picture.width;
  const sy = shown.height / picture.height;
  const clamp = (value: number, high: number) => Math.min(Math.max(value, 0), high);
  const left = clamp(box[0] * sx, shown.width);
  const top = clamp(box[1] * sy, shown.height);
  const right = clamp(box[2] * sx, shown.width);
  const bottom = clamp(box[3] * sy, shown.height);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

export const NO_ZOOM: Zoom = { scale: 1, x: 0, y: 0 };

/** Magnify so that the box takes about half the view, at most 4x; x and y move the picture's corner. */
export function zoomTo(box: Placed, shown: Size): Zoom {
  if (box.width <= 0 || box.height <= 0) return NO_ZOOM;
  const wanted = 0.55 * Math.min(shown.width / box.width, shown.height / box.height);
  const scale = Math.min(4, Math.max(1.5, wanted));
  const move = (centre: number, length: number) =>
    Math.min(0, Math.max(length - length * scale, length / 2 - centre * scale));
  return {
    scale,
    x: move(box.left + box.width / 2, shown.width),
    y: move(box.top + box.height / 2, shown.height),
  };
}

/** Where the label of a box goes: above it if there is room, else inside its upper edge. */
export function labelTop(box: Placed, height: number): number {
  return box.top >= height ? box.top - height : box.top;
}
