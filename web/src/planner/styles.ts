import { css } from 'lit';
import { chipStyles } from './chip-styles.ts';
import { detailStyles } from './detail-styles.ts';
import { frameStyles } from './frame-styles.ts';

/** What a narrow place changes: container queries, since the planner is embedded at any width. */
const narrowStyles = css`
  @container (width < 52rem) {
    .month .chip .state .word {
      position: absolute;
      width: 1px;
      height: 1px;
      clip-path: inset(50%);
    }
  }
  /* A day is too narrow for a mark beside the time. */
  @container (40rem <= width < 58rem) {
    .month .chip {
      grid-template: 'mark thumb' auto 'lines lines' 1fr / 1fr auto;
    }
    .month .chip .mark,
    .month .chip .thumb {
      width: 1.125rem;
      height: 1.125rem;
      font-size: 0.55rem;
    }
  }
  @container (width < 40rem) {
    .bar h2 {
      order: -1;
      width: 100%;
      margin: 0;
    }
    .month .long {
      display: none;
    }
    .month .short {
      display: inline;
    }
    .month .cell {
      min-height: 5.5rem;
      padding: 0.1rem;
    }
    .month th {
      padding-inline: 0.1rem;
      text-align: center;
    }
    .month .chip {
      grid-template: 'mark lines' auto / auto auto;
      gap: 2px;
      justify-content: center;
      align-items: center;
      padding: 0.1rem;
      min-height: 1.75rem;
      border-inline-start-width: 2px;
    }
    .month .chip .words,
    .month .chip .time {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .month .chip .mark {
      width: 1rem;
      height: 1rem;
      border-radius: 4px;
      font-size: 0.5rem;
    }
    .month .chip .thumb {
      display: none;
    }
    .bone.day-row {
      height: 5.5rem;
    }
  }
`;

/** How the planner looks. */
export const plannerStyles = [frameStyles, chipStyles, detailStyles, narrowStyles];
