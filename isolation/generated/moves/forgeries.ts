import { leak } from '../deviation.js';
import { forgeriesOf } from '../session-statements.js';
import { type Move, pick } from './move.js';

export const forge = async ({ victim, form, run }: Move): Promise<void> => {
  const forgery = pick(forgeriesOf(victim), form);
  const { sqlstate } = await run(forgery);
  if (sqlstate === undefined) throw leak(`not refused: ${forgery.split(' ').slice(0, 3).join(' ')}`);
};

export const forgeToken = async (move: Move): Promise<void> => {
  const { attacker, victim, clinic, form, game, run } = move;
  if (attacker.status === 'E') return;
  const other = pick(game.attackers, form + 1 + game.attackers.indexOf(attacker));
  const stranger = game.ground.clinics.find(({ tenantId }) => tenantId !== victim.tenantId) ?? clinic;
  const tokens = [
    () => attacker.token(victim, undefined, { tenantId: stranger.tenantId }),
    () => attacker.token(victim, undefined, { agedMs: 31_000 }),
    async () =>
      attacker.token(victim, undefined, { pid: (await other.pid()) + (other === attacker ? 1 : 0) }),
    async () =>
      (await attacker.token(victim, undefined)).replace(/.(?='$)/, (last) => (last === '0' ? '1' : '0')),
    () => attacker.token(victim, stranger.users[form % 4]?.userId),
  ];
  const { sqlstate } = await run(`SELECT ringfence.enter(${await pick(tokens, form)()})`);
  if (sqlstate === undefined) throw leak('a token that is not sound was accepted');
};
