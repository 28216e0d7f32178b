/** The five issue classes: the digit that chooses them, their names and their colours. */
import type { Language } from './i18n/language';

export interface IssueClass {
  label: string;
  key: string;
  zh: string;
  en: string;
  colour: string;
}

export const ISSUE_CLASSES: readonly IssueClass[] = [
  { label: 'spill', key: '1', zh: '道路遗撒', en: 'Spill', colour: '#e8590c' },
  { label: 'stacked_goods', key: '2', zh: '乱堆物料', en: 'Stacked goods', colour: '#9c36b5' },
  { label: 'stall', key: '3', zh: '占道经营', en: 'Stall', colour: '#1971c2' },
  { label: 'litter', key: '4', zh: '暴露垃圾', en: 'Litter', colour: '#e03131' },
  {
    label: 'overflowing_bin',
    key: '5',
    zh: '垃圾箱满溢',
    en: 'Overflowing bin',
    colour: '#f08c00',
  },
];

/** The class of that label; a label the page does not know keeps its own name, in grey. */
export function issueClass(label: string): IssueClass {
  const known = ISSUE_CLASSES.find((one) => one.label === label);
  return known ?? { label, key: '', zh: label, en: label, colour: '#6b7785' };
}

/** The class's name in the language of the page. */
export function className(label: string, language: Language): string {
  const found = issueClass(label);
  return language === 'zh' ? found.zh : found.en;
}

/** Both names, the page's language first. */
export function bothNames(label: string, language: Language): [string, string] {
  const found = issueClass(label);
  return language === 'zh' ? [found.zh, found.en] : [found.en, found.zh];
}
