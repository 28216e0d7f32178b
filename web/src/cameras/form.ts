/** The fields of a camera as they are typed, and what they come to. */
import type { CameraDetail, CameraDraft, Legal, Mode, Transport, Weekly } from '../api/cameras';
import { degrees } from '../upload/degrees';

export interface CameraForm {
  name: string;
  url: string;
  transport: Transport;
  mode: Mode;
  every: string;
  place: string;
  lat: string;
  lon: string;
  presetOf: string;
  plan: Weekly[];
  neighbours: number[];
  legalReview: string;
  techReview: string;
  sign: boolean;
  published: boolean;
}

export type Field = 'name' | 'url' | 'every' | 'lat' | 'lon' | 'together';

export const EMPTY_FORM: CameraForm = {
  name: '',
  url: '',
  transport: 'tcp',
  mode: 'watch',
  every: '10',
  place: '',
  lat: '',
  lon: '',
  presetOf: '',
  plan: [],
  neighbours: [],
  legalReview: '',
  techReview: '',
  sign: false,
  published: false,
};

/** Seconds between two looks that make sense at all. */
export const SHORTEST_EVERY = 1;
export const LONGEST_EVERY = 86_400;

export function formOf(camera: CameraDetail): CameraForm {
  const { place, legal } = camera;
  return {
    name: camera.name,
    // The address is never shown whole again: an empty field keeps it.
    url: '',
    transport: camera.transport,
    mode: camera.mode,
    every: String(camera.every_s),
    place: place.text ?? '',
    lat: place.lat === null ? '' : String(place.lat),
    lon: place.lon === null ? '' : String(place.lon),
    presetOf: camera.preset_of ?? '',
    plan: camera.plan,
    neighbours: camera.neighbours,
    legalReview: legal.legal_review_no ?? '',
    techReview: legal.tech_review_no ?? '',
    sign: legal.sign_installed ?? false,
    published: legal.location_published ?? false,
  };
}

const orNull = (text: string) => (text.trim() === '' ? null : text.trim());

export function everyOf(text: string): number | null {
  const value = Number(text.trim());
  const fits = text.trim() !== '' && value >= SHORTEST_EVERY && value <= LONGEST_EVERY;
  return fits ? value : null;
}

/** Addresses begin with a protocol; whether it is one the service knows, the service says. */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text.trim());
}

export function faultsOf(form: CameraForm, isNew: boolean): Field[] {
  const faults: Field[] = [];
  if (form.name.trim() === '') faults.push('name');
  if (form.url.trim() === '' ? isNew : !isAddress(form.url)) faults.push('url');
  if (everyOf(form.every) === null) faults.push('every');
  if (degrees(form.lat, 90) === 'bad') faults.push('lat');
  if (degrees(form.lon, 180) === 'bad') faults.push('lon');
  if ((form.lat.trim() === '') !== (form.lon.trim() === '')) faults.push('together');
  return faults;
}

function legalOf(form: CameraForm): Legal {
  return {
    legal_review_no: orNull(form.legalReview),
    tech_review_no: orNull(form.techReview),
    sign_installed: form.sign,
    location_published: form.published,
  };
}

/** The draft of a form without faults. */
export function draftOf(form: CameraForm, paused: boolean): CameraDraft {
  const number = (text: string, limit: number) => {
    const value = degrees(text, limit);
    return typeof value === 'number' ? value : null;
  };
  return {
    name: form.name.trim(),
    ...(form.url.trim() === '' ? {} : { url: form.url.trim() }),
    transport: form.transport,
    mode: form.mode,
    every_s: everyOf(form.every) ?? SHORTEST_EVERY,
    place_text: orNull(form.place),
    lat: number(form.lat, 90),
    lon: number(form.lon, 180),
    preset_of: orNull(form.presetOf),
    plan: form.plan,
    neighbours: form.neighbours,
    legal: legalOf(form),
    paused,
  };
}

/** Only what differs from the camera as it was read: other people's changes to the rest stay. */
export function changesOf(form: CameraForm, camera: CameraDetail): Partial<CameraDraft> {
  const before: Partial<CameraDraft> = draftOf(formOf(camera), camera.paused);
  const after = draftOf(form, camera.paused);
  return Object.fromEntries(
    Object.entries(after).filter(
      ([field, value]) =>
        JSON.stringify(value) !== JSON.stringify(before[field as keyof CameraDraft]),
    ),
  );
}
