/** One photo on its way: name, how far, and what came of it. */
import { useSpeech } from '../i18n';
import { className } from '../classes';
import { bytes } from '../ui/time';
import { explain } from '../ui/words';
import type { Upload } from './queue';
import classes from './upload.module.css';
import { useUploads } from './UploadsProvider';

function useResult(upload: Upload): string {
  const { t, language } = useSpeech();
  if (upload.state === 'waiting') return t.upload.waiting;
  if (upload.state === 'sending') return t.upload.sending(Math.round(upload.progress * 100));
  if (upload.state === 'looking') return t.upload.looking;
  if (upload.problem !== null) return explain(upload.problem, t);
  const leads = upload.photo?.leads ?? [];
  const names = leads.map((lead) => className(lead.label, language)).join(', ');
  const found = leads.length === 0 ? t.upload.nothing : `${t.upload.leads(leads.length)}: ${names}`;
  return upload.photo?.duplicate === true ? `${t.upload.known} · ${found}` : found;
}

export function UploadRow({ upload }: { upload: Upload }) {
  const { t } = useSpeech();
  const { again } = useUploads();
  const result = useResult(upload);
  const found = (upload.photo?.leads.length ?? 0) > 0;
  const tone = upload.state === 'failed' ? 'bad' : found ? 'found' : upload.state;
  return (
    <li className={classes.row} data-tone={tone}>
      <span className={classes.name} title={upload.file.name}>
        {upload.file.name}
      </span>
      <span className={`${classes.size} numbers`}>{bytes(upload.file.size)}</span>
      <span className={classes.result}>
        {result}
        {upload.state === 'failed' ? (
          <button type="button" onClick={() => again(upload.id)}>
            {t.upload.again}
          </button>
        ) : null}
      </span>
      <progress
        max={1}
        value={upload.state === 'looking' ? undefined : upload.progress}
        aria-label={upload.file.name}
        hidden={upload.state === 'done' || upload.state === 'failed'}
      />
    </li>
  );
}
