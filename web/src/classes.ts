/** The five issue classes: the digit that chooses them, their names and their colours. */
import type { Language } from './i18n/language';

export interface IssueClass {
  label: string;
  key: string;
  zh: string;
  en: string;
  colour: string;
  /** The colour of text on `colour`, with a contrast of at least 4.5 to 1. */
  ink: string;
}

export const ISSUE_CLASSES: readonly IssueClass[] = [
  { label: 'spill', key: '1', zh: '道路遗撒', en: 'Spill', colour: '#e8590c', ink: '#160a02' },
  {
    label: 'stacked_goods',
    key: '2',
    zh: '乱堆物料',
    en: 'Stacked goods',
    colour: '#9c36b5',
    ink: '#ffffff',
  },
  { label: 'stall', key: '3', zh: '占道经营', en: 'Stall', colour: '#1971c2', ink: '#ffffff' },
  { label: 'litter', key: '4', zh: '暴露垃圾', en: 'Litter', colour: '#e03131', ink: '#ffffff' },
  {
    label: 'overflowing_bin',
    key: '5',
    zh: '垃圾箱满溢',
    en: 'Overflowing bin',
    colour: '#f08c00',
    ink: '#160a02',
  },
];

/** What else a camera sees: the surroundings of an issue, and lasting changes without a class. */
const OTHERS: readonly IssueClass[] = (
  [
    ['unknown_object', '不明物体', 'Unknown object', '#0c8599', '#ffffff'],
    ['bin', '垃圾桶', 'Bin', '#868e96', '#10151c'],
    ['person', '行人', 'Person', '#868e96', '#10151c'],
    ['two_wheeler', '两轮车', 'Two-wheeler', '#868e96', '#10151c'],
    ['car', '小汽车', 'Car', '#868e96', '#10151c'],
    ['truck', '货车', 'Truck', '#868e96', '#10151c'],
  ] as const
).map(([label, zh, en, colour, ink]) => ({ label, key: '', zh, en, colour, ink }));

export function isIssue(label: string): boolean {
  return ISSUE_CLASSES.some((one) => one.label === label);
}

/** The class of that label; a label the page does not know keeps its own name, in grey. */
export function issueClass(label: string): IssueClass {
  const known = [...ISSUE_CLASSES, ...OTHERS].find((one) => one.label === label);
  return known ?? { label, key: '', zh: label, en: label, colour: '#5f6b78', ink: '#ffffff' };
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

/** All labels, issues first: the order in which they are listed. */
export const CLASS_ORDER: readonly string[] = [...ISSUE_CLASSES, ...OTHERS].map((one) => one.label);
