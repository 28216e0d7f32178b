/** Rules for tests: the whole view is one zone, as for a new camera. */
import type { Rules } from '../api/cameras';

export function sampleRules(): Rules {
  return {
    zones: [
      {
        id: 'view',
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
        labels: [],
        min_size: 0,
        min_confidence: {},
        persistence: {},
        mode: 'review',
        unknown_objects: false,
        name: '',
      },
    ],
    permits: [],
    masks: [],
    suppressions: [],
    holidays: [],
    timezone: 'Asia/Shanghai',
  };
}
