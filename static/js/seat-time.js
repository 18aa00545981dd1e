// Counts the seconds in which somebody studies: with the page in view, and a video that
// plays or a touch, a key or a scroll within five minutes. The server checks the clock.

const TELL_SECONDS = 30;
const IDLE_SECONDS = 300;
const SIGNS = ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"];

const { saveUrl, user, course, lesson, csrf } = document.querySelector("[data-seat-time]").dataset;
const key = `seat-time:${user}:${course}/${lesson}`;
let touchedAt = Date.now();
let seconds = Number(read() ?? 0); // of a visit whose report did not arrive
let isSending = false;

function read() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a private window may refuse storage
  }
}

function keep() {
  try {
    if (seconds) localStorage.setItem(key, seconds);
    else localStorage.removeItem(key);
  } catch {
    // As above.
  }
}

function isActive() {
  if (document.visibilityState !== "visible") return false;
  const isPlaying = [...document.querySelectorAll("video")].some((video) => !video.paused);
  return isPlaying || Date.now() - touchedAt < IDLE_SECONDS * 1000;
}

function body() {
  return new URLSearchParams({ csrfmiddlewaretoken: csrf, course, lesson, seconds });
}

async function tell() {
  if (!seconds || isSending) return;
  const told = seconds;
  isSending = true;
  keep();
  try {
    const response = await fetch(saveUrl, { method: "POST", body: body(), keepalive: true });
    if (response.ok) seconds -= told;
  } catch {
    // Kept on this device, and told with the next report.
  } finally {
    isSending = false;
    keep();
  }
}

function leave() {
  if (seconds && !isSending && navigator.sendBeacon(saveUrl, body())) seconds = 0;
  keep();
}

for (const sign of SIGNS) {
  addEventListener(sign, () => (touchedAt = Date.now()), { passive: true });
}
setInterval(() => {
  if (isActive()) seconds += 1;
}, 1000);
setInterval(tell, TELL_SECONDS * 1000);
addEventListener("online", tell);
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") leave();
});
