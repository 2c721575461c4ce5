/** The languages that demo patients speak; also their locale. */
export const LANGUAGES = ['es', 'ar', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export type ByLanguage<T> = Readonly<Record<Language, T>>;
