import type { Vertical } from '../../../manifest/dimensions/compliance.js';
import type { ByLanguage } from './language.js';

/** Something that a clinic offers. */
export interface ServiceWords {
  readonly name: ByLanguage<string>;
  readonly durationMinutes: number;
  readonly minEur: number;
  readonly maxEur: number;
}

const service = (
  durationMinutes: number,
  minEur: number,
  maxEur: number,
  es: string,
  ar: string,
  en: string,
): ServiceWords => ({ name: { es, ar, en }, durationMinutes, minEur, maxEur });

/** What clinics of each vertical offer, with prices as in a Spanish city. */
export const SERVICES: Readonly<Record<Vertical, readonly ServiceWords[]>> = {
  dental: [
    service(30, 0, 30, 'Primera visita', 'الزيارة الأولى', 'First visit'),
    service(45, 55, 75, 'Limpieza dental', 'تنظيف الأسنان', 'Scale and polish'),
    service(60, 60, 110, 'Empaste', 'حشو السن', 'Filling'),
    service(90, 950, 1400, 'Implante unitario', 'زراعة سن', 'Single implant'),
    service(75, 160, 280, 'Endodoncia', 'علاج العصب', 'Root canal treatment'),
  ],
  aesthetic: [
    service(30, 0, 50, 'Valoración facial', 'تقييم الوجه', 'Facial assessment'),
    service(45, 180, 340, 'Ácido hialurónico', 'حقن حمض الهيالورونيك', 'Hyaluronic acid filler'),
    service(30, 220, 390, 'Toxina botulínica', 'حقن البوتوكس', 'Botulinum toxin'),
    service(60, 70, 140, 'Peeling químico', 'تقشير كيميائي', 'Chemical peel'),
  ],
  psychology: [
    service(60, 60, 80, 'Primera entrevista', 'المقابلة الأولى', 'First interview'),
    service(50, 55, 75, 'Sesión individual', 'جلسة فردية', 'Individual session'),
    service(75, 80, 110, 'Terapia de pareja', 'علاج الأزواج', 'Couples therapy'),
  ],
  dermatology: [
    service(20, 70, 110, 'Consulta de dermatología', 'استشارة جلدية', 'Dermatology appointment'),
    service(30, 90, 150, 'Revisión de lunares', 'فحص الشامات', 'Mole check'),
    service(30, 80, 160, 'Crioterapia', 'العلاج بالتبريد', 'Cryotherapy'),
  ],
  physiotherapy: [
    service(60, 40, 60, 'Valoración inicial', 'التقييم الأولي', 'Initial assessment'),
    service(45, 35, 50, 'Sesión de fisioterapia', 'جلسة علاج طبيعي', 'Physiotherapy session'),
    service(30, 30, 45, 'Punción seca', 'الوخز الجاف', 'Dry needling'),
  ],
  ophthalmology: [
    service(30, 60, 90, 'Revisión de la vista', 'فحص النظر', 'Eye test'),
    service(30, 80, 120, 'Campo visual', 'فحص المجال البصري', 'Visual field test'),
    service(45, 90, 150, 'Estudio de cataratas', 'فحص المياه البيضاء', 'Cataract assessment'),
  ],
  gynaecology: [
    service(30, 80, 120, 'Revisión anual', 'الفحص السنوي', 'Annual check-up'),
    service(30, 70, 110, 'Ecografía', 'تصوير بالموجات فوق الصوتية', 'Ultrasound scan'),
    service(20, 50, 90, 'Citología', 'مسحة عنق الرحم', 'Smear test'),
  ],
  paediatrics: [
    service(20, 50, 70, 'Consulta de pediatría', 'استشارة أطفال', 'Paediatric appointment'),
    service(30, 55, 80, 'Revisión del niño sano', 'فحص الطفل السليم', 'Well-child check'),
    service(15, 20, 110, 'Vacunación', 'التطعيم', 'Vaccination'),
  ],
  fertility: [
    service(
      60,
      90,
      150,
      'Primera consulta de fertilidad',
      'استشارة الخصوبة الأولى',
      'First fertility consultation',
    ),
    service(30, 120, 220, 'Seminograma', 'تحليل السائل المنوي', 'Semen analysis'),
    service(45, 700, 1200, 'Inseminación artificial', 'التلقيح الصناعي', 'Intrauterine insemination'),
  ],
  nutrition: [
    service(
      60,
      50,
      70,
      'Primera consulta de nutrición',
      'استشارة التغذية الأولى',
      'First nutrition appointment',
    ),
    service(30, 30, 45, 'Seguimiento', 'متابعة', 'Follow-up'),
    service(20, 20, 35, 'Bioimpedancia', 'قياس تركيب الجسم', 'Body composition test'),
  ],
  laboratory: [
    service(10, 25, 60, 'Analítica general', 'تحاليل عامة', 'General blood test'),
    service(10, 40, 90, 'Perfil tiroideo', 'تحليل الغدة الدرقية', 'Thyroid panel'),
    service(15, 60, 180, 'Pruebas de alergia', 'اختبارات الحساسية', 'Allergy test'),
  ],
  general: [
    service(20, 40, 60, 'Consulta general', 'كشف عام', 'General appointment'),
    service(15, 20, 35, 'Control de tensión', 'قياس ضغط الدم', 'Blood pressure check'),
    service(30, 70, 120, 'Reconocimiento médico', 'فحص طبي شامل', 'Medical check-up'),
  ],
};
