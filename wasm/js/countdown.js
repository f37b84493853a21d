/** Counts down on the screen every second, and aloud only now and then. */

/** No payment may take longer; more is a clock that is wrong. */
const LEFT_MAX_S = 7 * 86_400;
/** How many seconds before the end it is said how long there is. */
const SAID_AT_S = [300, 60];

/**
 * Shows the time left in a text of its own; `null` when there is none. `say` is given what is to be heard, and `over` is
 * called when the end comes. A time that is over at first sight has more likely been misread from a wrong clock than
 * missed, so it is not shown at all: the signer says when it is too late.
 */
export function countDown({ until, template, said, over: words }, { language, say, over }) {
  const end = Date.parse(until);
  const left = () => Math.max(0, Math.ceil((end - Date.now()) / 1000));
  if (Number.isNaN(end) || left() === 0 || left() > LEFT_MAX_S) return null;
  const text = document.createTextNode("");
  let last = Infinity;
  const show = () => {
    const seconds = left();
    text.data = seconds === 0 ? words : template.replace("{time}", clock(seconds));
    const mark = SAID_AT_S.find((at) => last > at && seconds <= at && seconds > at - 30);
    if (mark && last !== Infinity) say(said.replace("{time}", minutes(mark / 60, language)));
    last = seconds;
    if (seconds > 0) return;
    clearInterval(timer);
    over();
  };
  const timer = setInterval(show, 1000);
  show();
  return { text, stop: () => clearInterval(timer) };
}

function clock(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `5 minutes`, `1 minute`, `5分钟`: the browser knows the plurals. */
function minutes(count, language) {
  try {
    return new Intl.NumberFormat(language, { style: "unit", unit: "minute", unitDisplay: "long" }).format(count);
  } catch {
    // Old browsers know no units.
    return clock(count * 60);
  }
}
