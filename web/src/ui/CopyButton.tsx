/** Copies a text and says so. */
import { useState } from 'react';
import { useSpeech } from '../i18n';
import { CheckIcon, CopyIcon } from './icons';
import classes from './small.module.css';

/** Browsers offer the clipboard on secure addresses only; elsewhere an invisible field does it. */
async function copy(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'hidden';
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const { t } = useSpeech();
  const [done, setDone] = useState(false);
  const label = done ? t.common.copied : `${t.common.copy}: ${what}`;
  return (
    <button
      type="button"
      className={classes.copy}
      aria-label={label}
      title={label}
      onClick={() => {
        void copy(text).then(() => {
          setDone(true);
          window.setTimeout(() => setDone(false), 1500);
        });
      }}
    >
      {done ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
    </button>
  );
}
