import { now } from '../core/clock.ts';
import { firstTimeOn, type WallTime, wallTime } from '../core/time.ts';
import { may } from './actions.ts';
import { stateWords } from './chip.ts';
import type { SeftecPlanner } from './element.ts';
import { firstWords, type Post, shownAt } from './grouping.ts';
import type { Board } from './mover.ts';
import { inHour, landingOf, onDay } from './moves.ts';

/** What moving a post means in the planner: where it lands, what is said meanwhile, and what dropping it sends. */
export function boardOf(planner: SeftecPlanner): Board {
  const t = planner.say;
  const landing = (wall: WallTime) => landingOf(wall, planner.times.zone, now());

  const wallOf = (post: Post): WallTime => {
    const at = shownAt(post);
    if (at) return wallTime(at, planner.times.zone);
    const day = planner.day > planner.today ? planner.day : planner.today;
    return firstTimeOn(day, planner.times.zone, now());
  };

  return {
    start: (post) => (may('move', post.status) && !planner.isWaiting(post) ? wallOf(post) : null),

    onTarget(post, target) {
      const isHour = target.includes('T');
      if (!shownAt(post)) return isHour ? `${target}:00` : firstTimeOn(target, planner.times.zone, now());
      const wall = wallOf(post);
      return isHour ? inHour(wall, target.slice(0, 10), Number(target.slice(11))) : onDay(wall, target);
    },

    byHour: () => planner.kind !== 'month',

    refused(post) {
      planner.said = t('cannotMove', { state: stateWords(post, t) });
    },

    moved({ post, byKeys, wall }, isNew) {
      const where = landing(wall);
      if (!byKeys || !where) return;
      const time = planner.times.full(where.at);
      const name = firstWords(post.content, 30) || t('noWords');
      if (isNew) planner.said = t('moving', { post: name, time });
      else planner.said = t(where.past ? 'movingPast' : 'movingTo', { time });
      const day = wall.slice(0, 10);
      if (!planner.shownDays.includes(day)) planner.go({ date: day });
    },

    putBack(post) {
      const at = shownAt(post);
      planner.said = t('putBack', { time: at ? planner.times.full(at) : t('noTime') });
      planner.focusAfter(post.id);
    },

    drop(post, wall) {
      const where = landing(wall);
      const stays = shownAt(post) && wall === wallOf(post);
      if (!where || stays) {
        planner.mover.cancel();
      } else if (where.past) {
        const text = t('past', { time: planner.times.full(where.at) });
        planner.tellNote({ post: post.id, tone: 'bad', text, choices: [] });
      } else {
        planner.mover.end();
        planner.focusAfter(post.id);
        void planner.changes.move(post, wall, where);
      }
    },
  };
}
