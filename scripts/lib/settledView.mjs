// Whether the Pins view is still loading, by what it shows. settledView.test.ts compares this with all that the view can say.

/** A number that is still being counted ends in `…`. */
const COUNTING = /^(?:[\d,]+ pins? and )?[\d,]+(?: of (?:[\d,]+)?)?(?: pins?| items?)?…/;

/**
 * Nothing is under way any more, and the pins have been counted. The line above the rows and the rows are drawn one after the other: where there
 * are several sources, the row of one may lag behind.
 */
export function isSettled({ busy, message, rows }) {
  const isOpen = ({ description }) => description.startsWith('loading…') || COUNTING.test(description);
  return (
    !busy &&
    !COUNTING.test(message) &&
    !message.includes('connecting to the daemon') &&
    !rows.some(isOpen) &&
    (rows.length === 0 || message !== '')
  );
}
