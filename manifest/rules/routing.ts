import type { Checked } from './rule.js';
import { type Branch, list, type Member, notHere } from './team.js';

/** Who steps in works in the clinic and the chain ends; a service is one of the clinics where the person works. */
export function checkRouting(branch: Branch, branches: readonly Branch[], checked: Checked): void {
  const { clinic, path, team } = branch;
  const { staff, fallback } = clinic.staffRouting;
  const at = [...path, 'staffRouting'];
  if (fallback !== null && !team.has(fallback)) {
    checked.report([...at, 'fallback'], `${notHere(fallback)}; allowed: ${list(team.keys())}`);
  }
  for (const [place, member] of staff.entries()) {
    const own = [...at, 'staff', place];
    const problem = fallbackProblem(member, team);
    if (problem !== undefined) checked.report([...own, 'fallback'], problem);
    const workplaces = branches.filter(
      (other) => other === branch || member.locations.includes(other.clinic.slug),
    );
    if (!workplaces.every((other) => checked.sound(...other.path, 'services'))) continue;
    const offered = new Set(workplaces.flatMap((other) => other.clinic.services.map(({ id }) => id)));
    for (const [index, service] of member.services.entries()) {
      if (offered.has(service)) continue;
      checked.report(
        [...own, 'services', index],
        `"${service}" is not a service where this person works; allowed: ${list(offered)}`,
      );
    }
  }
}

function fallbackProblem(member: Member, team: Branch['team']): string | undefined {
  if (member.fallback === null) return undefined;
  if (member.fallback === member.id) return 'is the same person; allowed: somebody else';
  if (!team.has(member.fallback)) return `${notHere(member.fallback)}; allowed: ${list(team.keys())}`;
  return loops(member, team) ? 'leads back to the same person; allowed: a chain that ends' : undefined;
}

function loops(member: Member, team: Branch['team']): boolean {
  let next = member.fallback;
  for (let steps = 0; next !== null && steps <= team.size; steps++) {
    if (next === member.id) return true;
    next = team.get(next)?.fallback ?? null;
  }
  return false;
}
