import type { Vertical } from '../../../manifest/dimensions/compliance.js';
import type { ByLanguage } from './language.js';

const line = (es: string, ar: string, en: string): ByLanguage<string> => ({ es, ar, en });

/** What a prescription of each vertical says. */
export const TREATMENTS: Readonly<Record<Vertical, readonly ByLanguage<string>[]>> = {
  dental: [
    line(
      'Ibuprofeno 600 mg: 1 comprimido cada 8 h, 3 días',
      'إيبوبروفين 600 ملغ: قرص كل 8 ساعات، 3 أيام',
      'Ibuprofen 600 mg: 1 tablet every 8 h, 3 days',
    ),
    line(
      'Clorhexidina 0,12 %: enjuague cada 12 h, 7 días',
      'كلورهيكسيدين 0.12%: مضمضة كل 12 ساعة، 7 أيام',
      'Chlorhexidine 0.12 %: rinse every 12 h, 7 days',
    ),
  ],
  aesthetic: [
    line(
      'Árnica gel: 2 aplicaciones al día, 5 días',
      'جل أرنيكا: مرتان يوميًا، 5 أيام',
      'Arnica gel: twice a day, 5 days',
    ),
    line('Fotoprotector SPF 50+: cada 3 h', 'واقي شمس +50: كل 3 ساعات', 'Sunscreen SPF 50+: every 3 h'),
  ],
  psychology: [
    line(
      'Registro de pensamientos a diario, 2 semanas',
      'تدوين الأفكار يوميًا، أسبوعان',
      'Thought diary every day, 2 weeks',
    ),
    line(
      'Respiración diafragmática: 10 min, dos veces al día',
      'تنفس عميق: 10 دقائق مرتين يوميًا',
      'Diaphragmatic breathing: 10 min twice a day',
    ),
  ],
  dermatology: [
    line(
      'Calcipotriol/betametasona espuma: 1 vez al día, 4 semanas',
      'رغوة كالسيبوتريول/بيتاميثازون: مرة يوميًا، 4 أسابيع',
      'Calcipotriol/betamethasone foam: once a day, 4 weeks',
    ),
    line(
      'Peróxido de benzoilo 5 %: por la noche',
      'بنزويل بيروكسايد 5%: مساءً',
      'Benzoyl peroxide 5 %: at night',
    ),
  ],
  physiotherapy: [
    line('Puente de glúteo: 3 × 12, a diario', 'تمرين الجسر: 3 × 12 يوميًا', 'Glute bridge: 3 × 12 daily'),
    line(
      'Calor local: 15 min por la noche',
      'كمادات دافئة: 15 دقيقة مساءً',
      'Local heat: 15 min in the evening',
    ),
  ],
  ophthalmology: [
    line(
      'Hialuronato sódico 0,2 %: 1 gota cada 6 h',
      'هيالورونات الصوديوم 0.2%: قطرة كل 6 ساعات',
      'Sodium hyaluronate 0.2 %: 1 drop every 6 h',
    ),
    line(
      'Tobramicina 0,3 %: 1 gota cada 4 h, 7 días',
      'توبراميسين 0.3%: قطرة كل 4 ساعات، 7 أيام',
      'Tobramycin 0.3 %: 1 drop every 4 h, 7 days',
    ),
  ],
  gynaecology: [
    line(
      'Ácido fólico 400 µg: 1 al día',
      'حمض الفوليك 400 ميكروغرام: حبة يوميًا',
      'Folic acid 400 µg: once a day',
    ),
    line(
      'Clotrimazol óvulos 500 mg: dosis única',
      'تحاميل كلوتريمازول 500 ملغ: جرعة واحدة',
      'Clotrimazole pessary 500 mg: single dose',
    ),
  ],
  paediatrics: [
    line(
      'Paracetamol 100 mg/ml: según peso, cada 6 h si fiebre',
      'باراسيتامول 100 ملغ/مل: حسب الوزن كل 6 ساعات عند الحمى',
      'Paracetamol 100 mg/ml: by weight, every 6 h if feverish',
    ),
    line('Emoliente: dos veces al día', 'مرطب: مرتان يوميًا', 'Emollient: twice a day'),
  ],
  fertility: [
    line(
      'Progesterona 200 mg: 1 por la noche, 14 días',
      'بروجستيرون 200 ملغ: مساءً، 14 يومًا',
      'Progesterone 200 mg: at night, 14 days',
    ),
    line(
      'Ácido fólico 400 µg: 1 al día',
      'حمض الفوليك 400 ميكروغرام: حبة يوميًا',
      'Folic acid 400 µg: once a day',
    ),
  ],
  nutrition: [
    line('Pauta de 1800 kcal, 4 semanas', 'نظام 1800 سعرة، 4 أسابيع', '1800 kcal plan, 4 weeks'),
    line('Vitamina D 1000 UI: 1 al día', 'فيتامين د 1000 وحدة: حبة يوميًا', 'Vitamin D 1000 IU: once a day'),
  ],
  laboratory: [
    line(
      'Hierro 80 mg: 1 en ayunas, 2 meses',
      'حديد 80 ملغ: على الريق، شهران',
      'Iron 80 mg: fasting, 2 months',
    ),
    line('Repetir TSH en 6 semanas', 'إعادة تحليل TSH بعد 6 أسابيع', 'Repeat TSH in 6 weeks'),
  ],
  general: [
    line(
      'Paracetamol 1 g: cada 8 h si dolor, 5 días',
      'باراسيتامول 1 غ: كل 8 ساعات عند الألم، 5 أيام',
      'Paracetamol 1 g: every 8 h for pain, 5 days',
    ),
    line(
      'Amoxicilina 500 mg: cada 8 h, 7 días',
      'أموكسيسيلين 500 ملغ: كل 8 ساعات، 7 أيام',
      'Amoxicillin 500 mg: every 8 h, 7 days',
    ),
  ],
};
