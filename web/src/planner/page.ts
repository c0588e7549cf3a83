import { html, nothing, type TemplateResult } from 'lit';
import { now } from '../core/clock.ts';
import { zoneLabel } from '../core/time.ts';
import { modal } from '../parts/modal.ts';
import { platformMark } from '../parts/platform.ts';
import { common } from '../parts/standing.ts';
import { agenda } from './agenda.ts';
import { bar } from './bar.ts';
import { type Day, stepped } from './calendar.ts';
import { chips } from './chip.ts';
import type { SeftecPlanner } from './element.ts';
import { byDay, EVERYTHING, type Filter, firstWords } from './grouping.ts';
import { month } from './month.ts';
import { landingOf } from './moves.ts';
import { noteOf } from './note.ts';
import type { Scene } from './scene.ts';
import { week } from './week.ts';
import type { Say } from './words.ts';

/** The planner with everything that is open over it. */
export function page(planner: SeftecPlanner): TemplateResult {
  const { scene } = planner;
  const platforms = new Set(planner.knownPlaces.map(({ platform }) => platform));
  return html`
    ${bar({
      t: scene.t,
      view: planner.kind,
      period: scene.times.period(planner.kind, planner.day, scene.firstWeekday),
      filter: planner.filter,
      places: planner.knownPlaces,
      platforms: [...platforms],
      step: (steps) => planner.go({ date: stepped(planner.kind, planner.day, steps) }),
      today: () => planner.go({ date: planner.today }),
      show: (view) => planner.go({ view, date: planner.day }),
      narrow: (filter) => {
        planner.filter = withPlaceOf(planner, filter);
      },
      clear: () => showAll(planner),
      compose: () => compose(planner, planner.date),
      settings: () => {
        planner.settingsOpen = true;
      },
    })}
    ${summary(planner, scene)}
    <div class="calendar" aria-busy=${planner.reading ? 'false' : 'true'}>${calendar(planner, scene)}</div>
    ${drafts(planner, scene)}
    ${planner.openedDay ? dayDialog(planner, scene, planner.openedDay) : nothing}
    ${planner.settingsOpen ? settings(planner) : nothing}
    ${planner.postId ? detail(planner, scene) : nothing}
    ${ghost(planner, scene)}
    <p class="visually-hidden" role="status">${planner.said}</p>
    ${planner.postId ? nothing : noteOf(planner.note, scene.t, () => planner.closeNote())}
  `;
}

/** A place of another platform than the one asked for would leave nothing to see. */
function withPlaceOf(planner: SeftecPlanner, filter: Filter): Filter {
  const place = planner.knownPlaces.find(({ id }) => id === filter.place);
  return place && filter.platform && place.platform !== filter.platform ? { ...filter, place: '' } : filter;
}

/** Tells the page that a post is wanted, on the day that was chosen where one was and it is not over. */
function compose(planner: SeftecPlanner, day: Day): void {
  const detail = { day: day >= planner.today ? day : '', timeZone: planner.times.zone };
  planner.dispatchEvent(new CustomEvent('seftec-compose', { detail, bubbles: true, composed: true }));
}

function summary(planner: SeftecPlanner, { t, times, posts }: Scene): TemplateResult {
  const zone = zoneLabel(times.zone, now(), times.locale);
  const { reading } = planner;
  const without = planner.isTroubled ? nothing : reading ? nothingHere(planner, t) : t('looking');
  return html`<div class="summary">
      <div class="row" role="status">${posts.length ? t('posts', { count: posts.length }) : without}</div>
      <p class="muted">${t('timesIn', { zone })}</p>
    </div>
    ${reading?.more ? html`<p class="notice warn"><span>${t('tooMany', { count: reading.posts.length })}</span></p>` : nothing}`;
}

/** Takes the filters away; their button goes with them, so the head of the planner has the focus. */
function showAll(planner: SeftecPlanner): void {
  planner.filter = EVERYTHING;
  planner.focusAfter('head');
}

/** Why there is nothing to see, and the way on. */
function nothingHere(planner: SeftecPlanner, t: Say): TemplateResult {
  if (!Object.values(planner.filter).some(Boolean)) {
    return html`<span>${t('noPosts')}</span>
      <button type="button" class="plain" @click=${() => compose(planner, planner.date)}>${t('writePost')}</button>`;
  }
  return html`<span>${t('noFit')}</span>
    <button type="button" class="plain" @click=${() => showAll(planner)}>${t('clearFilters')}</button>`;
}

function calendar(planner: SeftecPlanner, scene: Scene): TemplateResult {
  switch (planner.kind) {
    case 'month':
      return month(scene, planner.day, (day) => planner.go({ date: day }, day));
    case 'week':
      return planner.isNarrow ? agenda(scene, planner.shownDays, true) : week(scene, planner.day);
    case 'list':
      return agenda(scene, planner.shownDays, false);
  }
}

function drafts(planner: SeftecPlanner, scene: Scene): TemplateResult | typeof nothing {
  const { t } = scene;
  const shown = planner.shownDrafts;
  return html`${scene.posts.length || shown.length ? html`<p class="hint keys">${t('keysHint')}</p>` : nothing}
    ${
      shown.length
        ? html`<section class="drafts" aria-labelledby="drafts">
            <h3 id="drafts">${t('drafts')}</h3>
            <p class="hint">${t('draftsHint')}</p>
            ${chips(scene, shown)}
            ${planner.drafts.more ? html`<p class="hint">${t('draftsMore', { count: shown.length })}</p>` : nothing}
          </section>`
        : nothing
    }`;
}

function dayDialog(planner: SeftecPlanner, scene: Scene, day: Day): TemplateResult {
  const { t, times } = scene;
  const posts = byDay(scene.posts, times.zone).get(day) ?? [];
  const close = () => {
    planner.openedDay = null;
    planner.focusAfter(day);
  };
  // A dialog covers the days that a post could be dragged to.
  const still = { ...scene, moving: null, isStill: true, grabbed: () => {}, pressed: () => {} };
  return modal({
    title: times.longDay(day),
    content: posts.length ? chips(still, posts) : html`<p class="muted">${t('nothingOn')}</p>`,
    buttons: html`<button type="button" @click=${close}>${common(times.locale, 'close')}</button>
      ${
        day >= scene.today
          ? html`<button type="button" @click=${() => {
              close();
              compose(planner, day);
            }}>${t('newOn')}</button>`
          : nothing
      }`,
    closed: close,
  });
}

function settings(planner: SeftecPlanner): TemplateResult {
  const close = () => {
    planner.settingsOpen = false;
    planner.focusAfter('settings');
  };
  return html`<seftec-planner-settings .api=${planner.calls} .say=${planner.say} .language=${planner.times.locale}
    @closed=${close} @saved=${() => {
      close();
      planner.tellNote({ post: '', tone: 'good', text: planner.say('saved'), choices: [] });
    }}></seftec-planner-settings>`;
}

function detail(planner: SeftecPlanner, scene: Scene): TemplateResult {
  const { opened, postId } = planner;
  const close = () => planner.go({ postId: '' }, postId);
  return html`<seftec-planner-post .post=${opened} .place=${opened ? planner.placeOf(opened) : ''}
    .say=${scene.t} .times=${scene.times} .api=${planner.calls} .changes=${planner.changes} .note=${planner.note}
    .waiting=${opened ? scene.isWaiting(opened) : false}
    @closed=${close} @noted=${() => planner.closeNote()}></seftec-planner-post>`;
}

/** What hangs at the pointer while a post is dragged: its words and where it would land. */
function ghost(planner: SeftecPlanner, { t, times }: Scene): TemplateResult | typeof nothing {
  const { moving, target } = planner.mover;
  if (!moving?.pointer) return nothing;
  const landing = target ? landingOf(moving.wall, times.zone, now()) : null;
  // As a property: a strict content security policy refuses the attribute.
  const place = `left: ${moving.pointer.x + 12}px; top: ${moving.pointer.y + 12}px`;
  const key = landing?.past ? 'movingPast' : 'movingTo';
  return html`<div class="ghost ${landing?.past ? 'past' : ''}" .style=${place} aria-hidden="true">
    ${platformMark(moving.post.platform)}
    <span>${landing ? t(key, { time: times.full(landing.at) }) : firstWords(moving.post.content, 30) || t('noWords')}</span>
  </div>`;
}
