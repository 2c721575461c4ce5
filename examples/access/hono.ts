// One transaction a request, in the clinic of the path, which must be the token's.
import { Hono } from 'hono';
import { type ClinicEnv, clinicMiddleware } from '../../data-plane/access/http/hono.js';
import type { Access } from '../../data-plane/access/index.js';

export const clinicApp = (access: Access) =>
  new Hono<ClinicEnv>()
    .use('/clinics/:clinic/*', clinicMiddleware(access, { clinic: (c) => c.req.param('clinic') }))
    .get('/clinics/:clinic/patients', async (c) => {
      const found = await c.get('db').rows.find('clinical.patients', { phone: c.req.query('phone') ?? '' });
      return c.json(found.map(({ id, patient_name }) => ({ id, name: patient_name })));
    })
    .post('/clinics/:clinic/patients', async (c) => {
      const { name, phone } = await c.req.json<{ name: string; phone: string }>();
      const patient = { patient_name: name, phone, medical_history: '', locale: 'es' };
      return c.json({ id: await c.get('db').rows.insert('clinical.patients', patient) }, 201);
    });
