/** A field whose text is read when it is left; a text that cannot be read is shown as wrong and dropped. */
import { useState } from 'react';
import classes from './form.module.css';

interface Props<Value> {
  label: string;
  value: string;
  placeholder?: string;
  read: (text: string) => Value | null | 'bad';
  onRead: (value: Value | null) => void;
}

export function TypedField<Value>({ label, value, placeholder, read, onRead }: Props<Value>) {
  const [typed, setTyped] = useState<string | null>(null);
  const keep = () => {
    if (typed === null) return;
    const found = read(typed);
    if (found !== 'bad' && typed.trim() !== value.trim()) onRead(found);
    setTyped(null);
  };
  return (
    <input
      className={`${classes.typed} numbers`}
      type="text"
      inputMode="decimal"
      aria-label={label}
      aria-invalid={typed !== null && read(typed) === 'bad'}
      placeholder={placeholder}
      value={typed ?? value}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        keep();
      }}
    />
  );
}
