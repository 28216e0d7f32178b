/** Photos on their way: two at a time, one failure stops no other. */
import { describe, expect, it } from 'vitest';
import { Problem } from '../api/http';
import type { FiledPhoto } from '../api/types';
import { degrees } from './degrees';
import { NO_DETAILS, type Upload, UploadQueue } from './queue';

const file = (name: string) => new File(['x'], name, { type: 'image/jpeg' });

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function answerFor(name: string): FiledPhoto {
  return { id: 1, sha256: '', filename: name, duplicate: false, leads: [] };
}

describe('UploadQueue', () => {
  it('sends two at a time, in order', async () => {
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const queue = new UploadQueue(
      (one) =>
        new Promise((resolve) => {
          started.push(one.name);
          ends.push(() => resolve(answerFor(one.name)));
        }),
      () => undefined,
    );
    queue.add(['a', 'b', 'c'].map(file), NO_DETAILS);
    expect(started).toEqual(['a', 'b']);
    ends[0]?.();
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
    expect(queue.get().map((one) => one.state)).toEqual(['done', 'sending', 'sending']);
  });

  it('keeps a refused photo with the words of the service and sends it again on demand', async () => {
    let refuse = true;
    const finished: Upload[] = [];
    const queue = new UploadQueue(
      async (one) => {
        if (one.name === 'bad' && refuse) throw new Problem(422, 'not an image');
        return await Promise.resolve(answerFor(one.name));
      },
      (upload) => finished.push(upload),
    );
    queue.add([file('bad'), file('good')], NO_DETAILS);
    await settle();
    expect(queue.get().map((one) => one.state)).toEqual(['failed', 'done']);
    expect(queue.get()[0]?.problem?.message).toBe('not an image');
    refuse = false;
    queue.again(queue.get()[0]?.id ?? 0);
    await settle();
    expect(queue.get().map((one) => one.state)).toEqual(['done', 'done']);
    expect(finished).toHaveLength(3);
    queue.clear();
    expect(queue.get()).toEqual([]);
  });

  it('asks a busy service again', async () => {
    let tries = 0;
    const done = new Promise<Upload>((finished) => {
      const queue = new UploadQueue(
        (one) => {
          tries += 1;
          return tries < 3
            ? Promise.reject(new Problem(503, 'busy'))
            : Promise.resolve(answerFor(one.name));
        },
        finished,
        1,
      );
      queue.add([file('a')], NO_DETAILS);
    });
    expect((await done).state).toBe('done');
    expect(tries).toBe(3);
  });

  it('counts a photo as being inspected once all of it is sent', async () => {
    let report: (sent: number) => void = () => undefined;
    const queue = new UploadQueue(
      (_one, _details, onProgress) => {
        report = onProgress;
        return new Promise(() => undefined);
      },
      () => undefined,
    );
    queue.add([file('a')], NO_DETAILS);
    report(0.5);
    expect(queue.get()[0]).toMatchObject({ state: 'sending', progress: 0.5 });
    report(1);
    expect(queue.get()[0]).toMatchObject({ state: 'looking', progress: 1 });
  });
});

describe('degrees', () => {
  it('takes numbers in range, nothing, and refuses the rest', () => {
    expect(degrees(' 29.58 ', 90)).toBe(29.58);
    expect(degrees('', 90)).toBeNull();
    expect(degrees('91', 90)).toBe('bad');
    expect(degrees('north', 90)).toBe('bad');
  });
});
