/** Short messages at the edge of the page; read out, never in the way of the work. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { useSpeech } from '../i18n';
import { CheckIcon, CrossIcon, WarnIcon } from './icons';
import classes from './notices.module.css';

interface Message {
  id: number;
  tone: 'good' | 'bad';
  text: string;
}

type Tell = (tone: Message['tone'], text: string) => void;

const NoticesContext = createContext<Tell | null>(null);
const SHOWN_MS = { good: 3500, bad: 9000 };
let lastId = 0;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const { t } = useSpeech();
  const remove = useCallback((id: number) => {
    setMessages((all) => all.filter((message) => message.id !== id));
  }, []);
  const tell = useCallback<Tell>(
    (tone, text) => {
      lastId += 1;
      const id = lastId;
      setMessages((all) =>
        [...all.filter((one) => one.text !== text), { id, tone, text }].slice(-4),
      );
      window.setTimeout(() => remove(id), SHOWN_MS[tone]);
    },
    [remove],
  );
  const shown = useMemo(
    () =>
      messages.map((message) => (
        <li key={message.id} className={classes.message} data-tone={message.tone}>
          {message.tone === 'good' ? <CheckIcon /> : <WarnIcon />}
          <span>{message.text}</span>
          <button type="button" aria-label={t.common.close} onClick={() => remove(message.id)}>
            <CrossIcon size={14} />
          </button>
        </li>
      )),
    [messages, remove, t],
  );
  return (
    <NoticesContext.Provider value={tell}>
      {children}
      <ul className={classes.list} aria-live="polite" role="status">
        {shown}
      </ul>
    </NoticesContext.Provider>
  );
}

/** Show a message: tell('bad', text). */
export function useTell(): Tell {
  const tell = useContext(NoticesContext);
  if (tell === null) throw new Error('useTell needs NoticesProvider above it');
  return tell;
}
