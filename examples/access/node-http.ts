// The clinic comes from a header here; the token must be for the same one.
import { createServer, type Server } from 'node:http';
import { type Access, clinicListener } from '../../data-plane/access/index.js';

export const clinicServer = (access: Access): Server =>
  createServer(
    clinicListener(
      access,
      { clinic: (request) => request.headersDistinct['x-clinic']?.[0] },
      async (_, db) => {
        const { rows } = await db.query('SELECT name FROM clinical.services ORDER BY name');
        return { body: rows };
      },
    ),
  );
