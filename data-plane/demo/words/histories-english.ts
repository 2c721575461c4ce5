import type { HistoryWords } from './shapes.js';

export const ENGLISH_HISTORIES: HistoryWords = {
  background: [
    'No relevant history.',
    'Allergic to penicillin (rash as a child).',
    'Hypertension, well controlled on ramipril 5 mg daily.',
    'Type 2 diabetes since 2015; metformin 850 mg twice daily.',
    'Smokes ten a day; has tried to stop.',
    'Mild asthma; salbutamol as needed.',
    'Hypothyroid; levothyroxine 75 µg.',
    'NSAIDs upset the stomach: prefers paracetamol.',
  ],
  findings: {
    dental: [
      'Occlusal caries in 36; gingivitis around the lower incisors.',
      'Grinds at night; worn incisors. Splint proposed.',
      '46 missing for three years; enough bone on the panoramic X-ray.',
    ],
    aesthetic: [
      'Moderate nasolabial folds, skin type III. Consent signed.',
      'Lip filler 14 months ago elsewhere, uneventful.',
      'Small sun spots on the cheeks; uses sunscreen daily.',
    ],
    psychology: [
      'Anticipatory anxiety at work for six months; sleeps about five hours.',
      "Grieving after her father's death. Supportive friends.",
      'Occasional panic attacks on the underground; no medication.',
    ],
    dermatology: [
      'Scaly plaques on both elbows; family history of psoriasis.',
      'Mole on the back, 5 mm, regular border; review in six months.',
      'Mild inflammatory acne on the chin; tried benzoyl peroxide.',
    ],
    physiotherapy: [
      'Mechanical low back pain for three weeks after moving house; no radiation.',
      'Grade II ankle sprain, week four; full weight bearing.',
      'Neck pain with a tight trapezius; eight hours a day at a screen.',
    ],
    ophthalmology: [
      'Myopia -2.75 / -3.00; new glasses every two years.',
      'Early cataract in the right eye; VA 0.7.',
      'Dry eyes; artificial tears three times a day.',
    ],
    gynaecology: [
      'G2P1. Regular cycles; last smear normal.',
      'Polycystic ovaries on ultrasound; 40-day cycles.',
      '22 weeks pregnant, progressing normally.',
    ],
    paediatrics: [
      'Vaccinations up to date. 60th centile for weight, 55th for height.',
      'Three ear infections last winter; hearing normal.',
      'Eczema in the elbow creases; improves with emollients.',
    ],
    fertility: [
      'Trying to conceive for 18 months; AMH 1.9 ng/ml.',
      'Reduced motility on semen analysis; repeat in three months.',
      'Two previous inseminations elsewhere.',
    ],
    nutrition: [
      'BMI 29.4. Eats out five days a week.',
      'Coeliac since 2019; strict gluten-free diet.',
      'LDL 152 mg/dl; walks half an hour a day.',
    ],
    laboratory: [
      'Fasting. Ferritin low at the last check.',
      'TSH every six months.',
      'Faints when blood is taken: lie down.',
    ],
    general: [
      'Cold for four days; chest clear.',
      'Occupational check-up without findings.',
      'Migraine without aura, twice a month.',
    ],
  },
  addenda: [
    'Tolerates the treatment well; continue as prescribed.',
    'Rang about stomach ache: always take after food.',
    'Correction of the duration: 5 days instead of 7.',
  ],
};
