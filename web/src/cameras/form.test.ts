/** The fields of a camera, and what is sent of them. */
import { describe, expect, it } from 'vitest';
import type { CameraDetail } from '../api/cameras';
import { sampleRules } from '../rules/sample';
import { changesOf, draftOf, EMPTY_FORM, everyOf, faultsOf, formOf, isAddress } from './form';
import { sampleCamera } from './sample';

const GIVEN = { ...EMPTY_FORM, name: ' Gate ', url: 'rtsp://a:b@10.0.0.9/live' };

const CAMERA: CameraDetail = {
  ...sampleCamera(5),
  rules: sampleRules(),
  plan: [],
  neighbours: [3],
  legal: { legal_review_no: '12', tech_review_no: null, sign_installed: true },
};

describe('faultsOf', () => {
  it('asks a new camera for name and address', () => {
    expect(faultsOf(EMPTY_FORM, true)).toEqual(['name', 'url']);
    expect(faultsOf(GIVEN, true)).toEqual([]);
  });

  it('lets a known camera keep its address', () => {
    expect(faultsOf(formOf(CAMERA), false)).toEqual([]);
    expect(faultsOf({ ...formOf(CAMERA), url: '10.0.0.9' }, false)).toEqual(['url']);
  });

  it('names numbers that are none', () => {
    const wrong = { ...GIVEN, every: '0', lat: '91', lon: '' };
    expect(faultsOf(wrong, true)).toEqual(['every', 'lat', 'together']);
  });
});

describe('reading', () => {
  it('takes seconds that make sense', () => {
    expect(everyOf('2.5')).toBe(2.5);
    expect(everyOf('')).toBeNull();
    expect(everyOf('86401')).toBeNull();
    expect(everyOf('often')).toBeNull();
  });

  it('knows an address by its protocol', () => {
    expect(isAddress('http://10.0.0.9/snap.jpg')).toBe(true);
    expect(isAddress('10.0.0.9')).toBe(false);
    expect(isAddress('rtsp://')).toBe(false);
  });
});

describe('what is sent', () => {
  it('is trimmed, with nothing for empty fields', () => {
    expect(draftOf(GIVEN, false)).toMatchObject({
      name: 'Gate',
      url: 'rtsp://a:b@10.0.0.9/live',
      every_s: 10,
      place_text: null,
      lat: null,
      preset_of: null,
    });
  });

  it('is only the change of a known camera, never the address it did not show', () => {
    const form = formOf(CAMERA);
    expect(changesOf(form, CAMERA)).toEqual({});
    expect(changesOf({ ...form, every: '30' }, CAMERA)).toEqual({ every_s: 30 });
    expect(changesOf({ ...form, url: 'rtsp://new/1' }, CAMERA)).toEqual({ url: 'rtsp://new/1' });
    expect(changesOf({ ...form, published: true }, CAMERA)).toHaveProperty(
      'legal.location_published',
      true,
    );
  });
});
