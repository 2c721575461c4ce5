import type { Vertical } from '../../../manifest/dimensions/compliance.js';
import type { ByLanguage } from './language.js';

/** What doctors of each vertical are. */
export const SPECIALITIES: Readonly<Record<Vertical, ByLanguage<string>>> = {
  dental: { es: 'odontología', ar: 'طب الأسنان', en: 'dentistry' },
  aesthetic: { es: 'medicina estética', ar: 'طب التجميل', en: 'aesthetic medicine' },
  psychology: { es: 'psicología sanitaria', ar: 'علم النفس السريري', en: 'clinical psychology' },
  dermatology: { es: 'dermatología', ar: 'الأمراض الجلدية', en: 'dermatology' },
  physiotherapy: { es: 'fisioterapia', ar: 'العلاج الطبيعي', en: 'physiotherapy' },
  ophthalmology: { es: 'oftalmología', ar: 'طب العيون', en: 'ophthalmology' },
  gynaecology: { es: 'ginecología', ar: 'أمراض النساء', en: 'gynaecology' },
  paediatrics: { es: 'pediatría', ar: 'طب الأطفال', en: 'paediatrics' },
  fertility: { es: 'reproducción asistida', ar: 'الإخصاب المساعد', en: 'reproductive medicine' },
  nutrition: { es: 'nutrición', ar: 'التغذية', en: 'nutrition' },
  laboratory: { es: 'análisis clínicos', ar: 'التحاليل الطبية', en: 'clinical laboratory' },
  general: { es: 'medicina de familia', ar: 'طب الأسرة', en: 'family medicine' },
};
