// Where a visitor stopped in a free preview, kept on this device until the course starts.
// Then the player offers to go on from there. The seconds that were watched are not handed
// over: the server counts only those that it has clocked itself.

const EDGE_SECONDS = 5;

function store(key) {
  // Private windows may refuse storage: then nothing is kept.
  const attempt = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  return {
    read: () => Number(attempt(() => localStorage.getItem(key))) || 0,
    write: (seconds) => attempt(() => localStorage.setItem(key, String(seconds))),
    forget: () => attempt(() => localStorage.removeItem(key)),
  };
}

function format(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function keepPosition(root, video, kept) {
  video.addEventListener("timeupdate", () => kept.write(Math.floor(video.currentTime)));
  const position = kept.read();
  if (position < EDGE_SECONDS || position > Number(root.dataset.duration) - EDGE_SECONDS) return;
  const chip = root.querySelector("[data-resume]");
  const hide = () => (chip.hidden = true);
  chip.querySelector("[data-resume-time]").textContent = format(position);
  chip.hidden = false;
  chip.querySelector("[data-action=resume]").addEventListener("click", () => {
    hide();
    video.currentTime = position;
    video.play().catch(() => {});
  });
  video.addEventListener("play", hide, { once: true });
}

// Who has started the course gets the place stored at once; who may start it, with the
// first play, which is what starts it.
async function handOver(root, kept) {
  const { course, lesson, saveUrl, csrf } = root.dataset;
  const position = kept.read();
  if (!position) return;
  if (Number(root.dataset.position)) {
    kept.forget();
    return;
  }
  root.dataset.position = String(position);
  if ("starts" in root.dataset) return;
  const fields = { csrfmiddlewaretoken: csrf, course, lesson, position, intervals: "[]" };
  try {
    const response = await fetch(saveUrl, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
    });
    if (response.ok) kept.forget();
  } catch {
    // It stays on this device for the next time.
  }
}

const root = document.querySelector("[data-player]");
if (root) {
  const kept = store(`preview:${root.dataset.course}/${root.dataset.lesson}`);
  const video = root.querySelector("video");
  if (root.dataset.saveUrl) handOver(root, kept);
  else if (video) keepPosition(root, video, kept);
}
