import type { HistoryWords } from './shapes.js';

export const SPANISH_HISTORIES: HistoryWords = {
  background: [
    'Sin antecedentes de interés.',
    'Alergia a la penicilina (urticaria en la infancia).',
    'HTA en tratamiento con enalapril 10 mg/24 h, bien controlada.',
    'Diabetes tipo 2 desde 2015; metformina 850 mg cada 12 h.',
    'Fumador de 10 cig./día; refiere intentos de dejarlo.',
    'Asma leve; salbutamol a demanda.',
    'Hipotiroidismo; levotiroxina 75 µg.',
    'Intolerancia a los AINE: molestias gástricas.',
  ],
  findings: {
    dental: [
      'Caries oclusal en 36; encías inflamadas en el sector anteroinferior.',
      'Bruxismo nocturno; desgaste en incisivos. Se propone férula.',
      'Ausencia de 46 desde hace tres años; hueso suficiente en la ortopantomografía.',
    ],
    aesthetic: [
      'Surcos nasogenianos moderados; piel fototipo III. Firma el consentimiento.',
      'Relleno labial hace 14 meses en otro centro, sin incidencias.',
      'Pequeñas manchas solares en pómulos; usa fotoprotección a diario.',
    ],
    psychology: [
      'Ansiedad anticipatoria en el trabajo desde hace seis meses; duerme unas cinco horas.',
      'Duelo por el fallecimiento de su padre. Buena red de apoyo.',
      'Crisis de pánico aisladas en el metro; no toma medicación.',
    ],
    dermatology: [
      'Placas descamativas en codos; antecedentes familiares de psoriasis.',
      'Nevus en espalda de 5 mm, bordes regulares; control en seis meses.',
      'Acné inflamatorio leve en mentón; probó peróxido de benzoilo.',
    ],
    physiotherapy: [
      'Lumbalgia mecánica de tres semanas tras una mudanza; sin irradiación.',
      'Esguince de tobillo grado II, cuarta semana; apoyo completo.',
      'Cervicalgia con contractura de trapecio; trabaja ocho horas con pantalla.',
    ],
    ophthalmology: [
      'Miopía -2,75 / -3,00; cambia de graduación cada dos años.',
      'Catarata incipiente en ojo derecho; AV 0,7.',
      'Ojo seco; lágrima artificial tres veces al día.',
    ],
    gynaecology: [
      'G2P1. Reglas regulares; última citología normal.',
      'Ovario poliquístico en la ecografía; ciclos de 40 días.',
      'Embarazo de 22 semanas, evolución normal.',
    ],
    paediatrics: [
      'Vacunas al día. Percentil 60 de peso y 55 de talla.',
      'Tres otitis en el último invierno; audición conservada.',
      'Dermatitis atópica en pliegues; mejora con emolientes.',
    ],
    fertility: [
      'Búsqueda de gestación desde hace 18 meses; AMH 1,9 ng/ml.',
      'Seminograma con movilidad reducida; se repite en tres meses.',
      'Dos inseminaciones previas en otro centro.',
    ],
    nutrition: [
      'IMC 29,4. Come fuera de casa cinco días a la semana.',
      'Celiaquía diagnosticada en 2019; dieta sin gluten estricta.',
      'Colesterol LDL 152 mg/dl; camina media hora al día.',
    ],
    laboratory: [
      'Acude en ayunas. Ferritina baja en el control anterior.',
      'Control de TSH cada seis meses.',
      'Se marea en las extracciones: tumbar en la camilla.',
    ],
    general: [
      'Catarro de vías altas de cuatro días; auscultación normal.',
      'Revisión laboral sin hallazgos.',
      'Migraña sin aura, dos episodios al mes.',
    ],
  },
  addenda: [
    'El paciente tolera bien el tratamiento; se mantiene la pauta.',
    'Llama por molestias gástricas: tomar siempre después de comer.',
    'Se corrige la duración: 5 días en lugar de 7.',
  ],
};
