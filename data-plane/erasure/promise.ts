/**
 * Within how many days of a request everything about a person or tenant is erased: one month (GDPR Art. 12(3)), in its
 * shortest form. No object is locked for longer (docs/threats.md 31).
 */
export const ERASURE_PROMISE_DAYS = 28;

/** The longest a request may wait: a month, and two more where it is complex (Art. 12(3)). */
export const WAIT_MAX_DAYS = 90;
