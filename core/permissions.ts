/**
 * The permissions in a clinic. The key of a permission is (role, status of the visit, action). One matrix for the database,
 * which enforces it, and for front ends, which hide what would be refused. Imports nothing.
 */

/** Roles of a clinic's staff, of the operator's support, and of the service itself (jobs, integrations). */
export const STAFF_ROLES = [
  'owner',
  'admin',
  'doctor',
  'assistant',
  'reception',
  'auditor',
  'super_admin',
  'service',
] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Status of the visit that an action is about; NONE where there is no visit yet. */
export const VISIT_STATUSES = [
  'NONE',
  'WAITING',
  'WITH_ASSISTANT',
  'WITH_DOCTOR',
  'DONE',
  'CANCELED',
  'NO_SHOW',
] as const;
export type VisitStatus = (typeof VISIT_STATUSES)[number];

export const ACTIONS = [
  'EDIT_PATIENT',
  'READ_MEDICAL_HISTORY',
  'BOOK_APPOINTMENT',
  'CHECK_IN',
  'START_VISIT',
  'HAND_OVER',
  'EDIT_VISIT',
  'FINISH_VISIT',
  'CANCEL_VISIT',
  'REOPEN_VISIT',
  'DELETE_VISIT',
  'IMPORT_VISIT',
  'DRAFT_PRESCRIPTION',
  'FINALISE_PRESCRIPTION',
  'APPEND_ADDENDUM',
  'ISSUE_INVOICE',
  'MESSAGE_PATIENT',
  'EDIT_CONFIG',
  'MANAGE_SERVICES',
  'MANAGE_STAFF',
  'MANAGE_BILLING',
  'WRITE_FIGURES',
  'READ_AUDIT',
] as const;
export type Action = (typeof ACTIONS)[number];

const ANY = VISIT_STATUSES;
const OPEN: readonly VisitStatus[] = ['WAITING', 'WITH_ASSISTANT', 'WITH_DOCTOR'];
const BEFORE: readonly VisitStatus[] = ['NONE', 'WAITING', 'WITH_ASSISTANT'];

type Grants = Partial<Record<Action, readonly VisitStatus[]>>;

/** The actions of people who run a clinic, without the treatment of patients. */
const RUNNING: Grants = {
  EDIT_PATIENT: ANY,
  BOOK_APPOINTMENT: ANY,
  CHECK_IN: ['NONE'],
  START_VISIT: ['WAITING'],
  EDIT_VISIT: OPEN,
  CANCEL_VISIT: OPEN,
  REOPEN_VISIT: ['DONE', 'CANCELED', 'NO_SHOW'],
  DELETE_VISIT: ['WAITING', 'CANCELED', 'NO_SHOW'],
  ISSUE_INVOICE: ANY,
  MESSAGE_PATIENT: ANY,
  EDIT_CONFIG: ANY,
  MANAGE_SERVICES: ANY,
  MANAGE_STAFF: ANY,
  MANAGE_BILLING: ANY,
  READ_AUDIT: ANY,
};

const TREATING: Grants = {
  EDIT_PATIENT: ANY,
  READ_MEDICAL_HISTORY: ANY,
  BOOK_APPOINTMENT: ANY,
  START_VISIT: ['WAITING', 'WITH_ASSISTANT'],
  HAND_OVER: ['WITH_ASSISTANT'],
  EDIT_VISIT: OPEN,
  FINISH_VISIT: ['WITH_DOCTOR'],
  DRAFT_PRESCRIPTION: ['WITH_DOCTOR'],
  FINALISE_PRESCRIPTION: ['WITH_DOCTOR'],
  APPEND_ADDENDUM: ANY,
  MESSAGE_PATIENT: ANY,
};

const GRANTS: Readonly<Record<StaffRole, Grants>> = {
  owner: { ...RUNNING, READ_MEDICAL_HISTORY: ANY },
  admin: RUNNING,
  doctor: TREATING,
  assistant: {
    EDIT_PATIENT: [...BEFORE, 'WITH_DOCTOR'],
    READ_MEDICAL_HISTORY: OPEN,
    BOOK_APPOINTMENT: ANY,
    START_VISIT: ['WAITING'],
    HAND_OVER: ['WITH_ASSISTANT'],
    EDIT_VISIT: ['WAITING', 'WITH_ASSISTANT'],
    MESSAGE_PATIENT: ANY,
  },
  reception: {
    EDIT_PATIENT: BEFORE,
    BOOK_APPOINTMENT: ANY,
    CHECK_IN: ['NONE'],
    START_VISIT: ['WAITING'],
    CANCEL_VISIT: ['WAITING'],
    ISSUE_INVOICE: ['DONE'],
    MESSAGE_PATIENT: ANY,
  },
  auditor: { READ_AUDIT: ANY },
  super_admin: { READ_AUDIT: ANY },
  service: Object.fromEntries(ACTIONS.map((action) => [action, ANY])),
};

/** Says whether a role may do this while the visit has this status. */
export const can = (role: StaffRole, status: VisitStatus, action: Action): boolean =>
  GRANTS[role][action]?.includes(status) ?? false;

/** The matrix as rows, for the database. */
export const permissionRows = (): Array<{ role: StaffRole; visitStatus: VisitStatus; action: Action }> =>
  STAFF_ROLES.flatMap((role) =>
    VISIT_STATUSES.flatMap((visitStatus) =>
      ACTIONS.filter((action) => can(role, visitStatus, action)).map((action) => ({
        role,
        visitStatus,
        action,
      })),
    ),
  );
