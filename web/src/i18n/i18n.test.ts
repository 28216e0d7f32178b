/** Both languages say everything, and a visitor meets the one the browser asks for. */
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { preferred } from './language';
import { zh } from './zh';

/** The paths of all texts; functions are called with numbers. */
function texts(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    return [[path, String((value as (...args: unknown[]) => unknown)(2, 3))]];
  }
  return Object.entries(value as object).flatMap(([key, one]) => texts(one, `${path}.${key}`));
}

describe('the dictionaries', () => {
  it('hold the same texts, none of them empty', () => {
    const english = texts(en, 't');
    const chinese = texts(zh, 't');
    expect(chinese.map(([path]) => path).sort()).toEqual(english.map(([path]) => path).sort());
    expect([...english, ...chinese].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('leave no English sentence in the Chinese one', () => {
    const allowed = new Set(['t.case.sha256']);
    // Marks alone are no language, and an address has none.
    const foreign = texts(zh, 't').filter(
      ([path, text]) =>
        /[a-z]/i.test(text) && !/[\u4e00-\u9fff]|:\/\//.test(text) && !allowed.has(path),
    );
    expect(foreign).toEqual([]);
  });
});

describe('preferred', () => {
  it('is Chinese where the browser asks for any Chinese first', () => {
    expect(preferred(['zh-CN', 'en'])).toBe('zh');
    expect(preferred(['zh-TW'])).toBe('zh');
    expect(preferred(['en-US', 'zh-CN'])).toBe('en');
    expect(preferred(['de'])).toBe('en');
    expect(preferred([])).toBe('en');
  });
});
