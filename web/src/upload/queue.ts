/** Photos on their way to the service: two at a time, each with its own progress and result. */
import { Problem, sendForm } from '../api/http';
import type { FiledPhoto, UploadAnswer } from '../api/types';

export interface Details {
  note: string;
  lat: number | null;
  lon: number | null;
}

export const NO_DETAILS: Details = { note: '', lat: null, lon: null };

export interface Upload {
  id: number;
  file: File;
  details: Details;
  state: 'waiting' | 'sending' | 'looking' | 'done' | 'failed';
  /** Share sent, 0..1. */
  progress: number;
  photo: FiledPhoto | null;
  problem: Problem | null;
}

type Send = (
  file: File,
  details: Details,
  onProgress: (sent: number) => void,
) => Promise<FiledPhoto>;

const AT_ONCE = 2;
const TRIES = 6;
const BUSY = 503;

/** Send one photo; a photo the service refuses is a Problem with the service's words. */
export const sendPhoto: Send = async (file, details, onProgress) => {
  const form = new FormData();
  form.append('files', file, file.name);
  if (details.note !== '') form.append('note', details.note);
  if (details.lat !== null) form.append('lat', String(details.lat));
  if (details.lon !== null) form.append('lon', String(details.lon));
  const answer = await sendForm<UploadAnswer>('/photos', form, onProgress);
  const photo = answer.photos[0];
  if (photo === undefined) throw new Problem(502, '');
  if ('error' in photo) throw new Problem(422, photo.error.message);
  return photo;
};

export class UploadQueue {
  private uploads: readonly Upload[] = [];
  private readonly listeners = new Set<() => void>();
  private lastId = 0;
  private running = 0;

  constructor(
    private readonly send: Send,
    private readonly finished: (upload: Upload) => void,
    private readonly pause = 2000,
  ) {}

  readonly get = (): readonly Upload[] => this.uploads;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(uploads: readonly Upload[]): void {
    this.uploads = uploads;
    for (const listener of this.listeners) listener();
  }

  private change(id: number, change: Partial<Upload>): void {
    this.set(this.uploads.map((one) => (one.id === id ? { ...one, ...change } : one)));
  }

  add(files: readonly File[], details: Details): void {
    const fresh = files.map((file): Upload => {
      this.lastId += 1;
      return {
        id: this.lastId,
        file,
        details,
        state: 'waiting',
        progress: 0,
        photo: null,
        problem: null,
      };
    });
    this.set([...this.uploads, ...fresh]);
    this.start();
  }

  again(id: number): void {
    this.change(id, { state: 'waiting', progress: 0, problem: null });
    this.start();
  }

  /** Take what is done off the list; what failed stays until it is sent again or dropped here. */
  clear(): void {
    this.set(this.uploads.filter((one) => one.state !== 'done' && one.state !== 'failed'));
  }

  private start(): void {
    while (this.running < AT_ONCE) {
      const next = this.uploads.find((one) => one.state === 'waiting');
      if (next === undefined) return;
      this.running += 1;
      this.change(next.id, { state: 'sending' });
      void this.run(next);
    }
  }

  /** Send; a service that is busy with other uploads is asked again after a pause. */
  private async patiently(...photo: Parameters<Send>): Promise<FiledPhoto> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.send(...photo);
      } catch (error) {
        const busy = error instanceof Problem && error.status === BUSY;
        if (!busy || tried === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, this.pause * tried));
      }
    }
  }

  private async run(upload: Upload): Promise<void> {
    const { id, file, details } = upload;
    try {
      const photo = await this.patiently(file, details, (progress) =>
        this.change(id, { progress, state: progress >= 1 ? 'looking' : 'sending' }),
      );
      this.change(id, { state: 'done', progress: 1, photo });
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(502, String(error));
      this.change(id, { state: 'failed', problem });
    }
    this.running -= 1;
    const ended = this.uploads.find((one) => one.id === id);
    if (ended !== undefined) this.finished(ended);
    this.start();
  }
}
