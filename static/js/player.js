// The lesson player: its own bar under the video, and progress that is never lost.
// Without this file the native controls play the video and the page still works.
//
// A plain file is played by the browser. A stream or a host brings an adapter, a module
// in players/ whose open(element, dataset) returns what speaks as a video element does.

const SAVE_SECONDS = 10;
const RETRY_SECONDS = 30;
const SKIP_SECONDS = 10;
// A jump between two time updates is a seek; playing at 2x moves less than this.
const LONGEST_STEP = 1.5;
const NOT_SAVED = "Not saved. We will try again when you are back online.";

function format(seconds) {
  const whole = Math.floor(seconds || 0);
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

function words(seconds) {
  const whole = Math.floor(seconds || 0);
  const minutes = Math.floor(whole / 60);
  const unit = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
  const rest = unit(whole % 60, "second");
  return minutes ? `${unit(minutes, "minute")} ${rest}` : rest;
}

async function openMedia(root) {
  const element = root.querySelector("video, iframe");
  const data = { ...root.dataset, ...element.dataset };
  if (!data.adapter) return element;
  const { open } = await import(data.adapter);
  return open(element, data);
}

function wirePlayer(root, video) {
  const find = (selector) => root.querySelector(selector);
  const all = (action) => root.querySelectorAll(`[data-action="${action}"]`);
  const seek = find("[data-seek]");
  const big = find(".c-player__big");
  const length = () => video.duration || Number(root.dataset.duration) || 0;

  const actions = {
    play: () => (video.paused ? video.play().catch(showTrouble) : video.pause()),
    back: () => jump(video.currentTime - SKIP_SECONDS),
    forward: () => jump(video.currentTime + SKIP_SECONDS),
    captions: toggleCaptions,
    mute: () => (video.muted = !video.muted),
    screen: toggleFullScreen,
  };
  const keys = {
    k: "play",
    " ": "play",
    j: "back",
    l: "forward",
    c: "captions",
    m: "mute",
    f: "screen",
  };

  function jump(seconds) {
    video.currentTime = Math.max(0, Math.min(length(), seconds));
  }

  function toggleCaptions() {
    const track = video.textTracks[0];
    if (!track) return;
    track.mode = track.mode === "showing" ? "hidden" : "showing";
    showCaptions();
  }

  function showCaptions() {
    const isOn = video.textTracks[0]?.mode === "showing";
    for (const button of all("captions")) button.setAttribute("aria-pressed", isOn);
  }

  function toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (root.requestFullscreen) root.requestFullscreen();
    else video.webkitEnterFullscreen?.();
  }

  function showTrouble(error) {
    if (error?.name === "AbortError") return;
    find("[data-trouble]").hidden = false;
  }

  function write(selector, text) {
    for (const place of root.querySelectorAll(selector)) place.textContent = text;
  }

  function showTime() {
    seek.value = video.currentTime;
    const spoken = `${words(video.currentTime)} of ${words(length())}`;
    seek.setAttribute("aria-valuetext", spoken);
    write("[data-time]", format(video.currentTime));
  }

  function showPlaying() {
    const isPlaying = !video.paused;
    const button = find("[data-bar] [data-action=play]");
    button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    find("[data-icon=play]").hidden = isPlaying;
    find("[data-icon=pause]").hidden = !isPlaying;
    big.hidden = isPlaying;
  }

  function showMuted() {
    for (const button of all("mute")) button.setAttribute("aria-pressed", video.muted);
  }

  function readLength() {
    seek.max = Math.floor(length());
    write("[data-length]", format(length()));
    showTime();
  }

  for (const [name, act] of Object.entries(actions)) {
    for (const button of all(name)) button.addEventListener("click", act);
  }
  video.addEventListener("click", actions.play);
  video.addEventListener("timeupdate", showTime);
  video.addEventListener("loadedmetadata", readLength);
  for (const name of ["play", "pause"]) video.addEventListener(name, showPlaying);
  video.addEventListener("volumechange", showMuted);
  root.querySelector("source")?.addEventListener("error", showTrouble);
  video.addEventListener("error", showTrouble);
  video.textTracks.addEventListener?.("change", showCaptions);
  seek.addEventListener("input", () => jump(Number(seek.value)));
  find("[data-rate]").addEventListener("change", (event) => {
    video.playbackRate = Number(event.target.value);
  });
  // Single keys work only while the focus is inside the player.
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keys[event.key.toLowerCase()];
    const onButton = event.target.closest("button, select, a");
    if (!action || event.target.closest("select") || (event.key === " " && onButton)) return;
    event.preventDefault();
    actions[action]();
  });

  video.controls = false;
  find("[data-bar]").hidden = false;
  big.hidden = false;
  readLength();
  showCaptions();
  showPlaying();
  return { root, video, jump, play: () => video.play().catch(showTrouble) };
}

function wireTranscript({ video, jump, play }) {
  const lines = [...document.querySelectorAll("[data-cue]")];
  const start = (line) => Number(line.dataset.cue);
  for (const line of lines) {
    line.addEventListener("click", () => {
      jump(start(line));
      play();
    });
  }
  video.addEventListener("timeupdate", () => {
    const current = lines.findLast((line) => start(line) <= video.currentTime + 0.2);
    for (const line of lines) {
      if (line === current) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  });
}

// Seconds that were played and not yet acknowledged by the server, kept on this device.
class Journal {
  constructor(key) {
    this.key = key;
    this.intervals = [];
    this.position = null;
    try {
      const kept = JSON.parse(localStorage.getItem(key) || "null");
      if (kept) Object.assign(this, { intervals: kept.intervals, position: kept.position });
    } catch {
      // Private windows may refuse storage: then the journal lives as long as the page.
    }
  }

  add(from, to) {
    const last = this.intervals.at(-1);
    if (last && Math.abs(last[1] - from) < 0.5) last[1] = to;
    else this.intervals.push([from, to]);
  }

  // What was sent may have grown meanwhile; only the acknowledged part leaves.
  forget(sent) {
    this.intervals = this.intervals.flatMap(([from, to]) => {
      const known = sent.find(([start]) => start === from);
      if (!known) return [[from, to]];
      return to > known[1] ? [[known[1], to]] : [];
    });
    this.store();
  }

  store() {
    try {
      if (this.intervals.length) {
        const { intervals, position } = this;
        localStorage.setItem(this.key, JSON.stringify({ intervals, position }));
      } else {
        localStorage.removeItem(this.key);
      }
    } catch {
      // As above.
    }
  }
}

function wireProgress({ root, video, jump, play }) {
  const { user, course, lesson, saveUrl, csrf } = root.dataset;
  const journal = new Journal(`progress:${user}:${course}/${lesson}`);
  const badge = document.querySelector("[data-saved]");
  let previous = null;
  let isSending = false;
  let isMoved = false;
  let nextTry = 0;

  function note() {
    const now = video.currentTime;
    const step = previous === null ? 0 : now - previous;
    if (step > 0 && step < LONGEST_STEP * Math.max(1, video.playbackRate)) {
      journal.add(previous, now);
      isMoved = true;
    }
    previous = now;
    journal.position = now;
  }

  function body() {
    const intervals = journal.intervals.slice(-200).map((pair) => [...pair]);
    const fields = new URLSearchParams({
      csrfmiddlewaretoken: csrf,
      course,
      lesson,
      position: String(journal.position ?? video.currentTime),
      intervals: JSON.stringify(intervals),
    });
    return { intervals, fields };
  }

  async function send() {
    if (isSending || Date.now() < nextTry) return;
    if (!isMoved && !journal.intervals.length) return;
    isSending = true;
    isMoved = false;
    journal.store();
    const { intervals, fields } = body();
    try {
      const response = await fetch(saveUrl, {
        method: "POST",
        body: fields,
        keepalive: true,
        headers: { Accept: "application/json" },
      });
      if (response.ok) {
        journal.forget(intervals);
        show(await response.json());
      } else {
        await refuse(response);
      }
    } catch {
      postpone();
    } finally {
      isSending = false;
    }
  }

  function postpone() {
    nextTry = Date.now() + RETRY_SECONDS * 1000;
    tell(NOT_SAVED, "warn");
  }

  // A refusal with a sentence is about access; any other one is a session that ended.
  async function refuse(response) {
    const answer = await response.json().catch(() => ({}));
    postpone();
    if (response.status === 403 && answer.error) tell(answer.error, "warn");
    else if ([401, 403].includes(response.status)) {
      root.querySelector("[data-session]").hidden = false;
    }
  }

  function tell(text, tone) {
    badge.hidden = false;
    badge.className = `c-badge c-badge--${tone}`;
    if (badge.textContent !== text) badge.textContent = text;
  }

  function show({ percent, is_complete: isComplete }) {
    tell(isComplete ? "Completed, saved just now" : "Saved just now", "ok");
    for (const button of document.querySelectorAll("[data-watch-button]")) {
      if (isComplete) {
        button.textContent = button.dataset.label;
        button.removeAttribute("aria-disabled");
      } else {
        button.textContent = `Watch to the end to complete (${percent}%)`;
      }
    }
  }

  function flush() {
    note();
    nextTry = 0;
    send();
  }

  // The page is going: what a beacon cannot deliver stays in the journal for next time.
  function leave() {
    note();
    journal.store();
    if (!isMoved && !journal.intervals.length) return;
    navigator.sendBeacon(saveUrl, body().fields);
  }

  // The first report starts the course; the server counts the seconds from there.
  function start() {
    isMoved = true;
    flush();
  }

  video.addEventListener("timeupdate", note);
  if ("starts" in root.dataset) video.addEventListener("play", start, { once: true });
  video.addEventListener("seeking", () => {
    previous = null;
    isMoved = true;
  });
  for (const name of ["pause", "ended"]) video.addEventListener(name, flush);
  window.addEventListener("online", flush);
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
  setInterval(send, SAVE_SECONDS * 1000);
  offerResume({ root, video, jump, play });
  if (journal.intervals.length) send();
}

function offerResume({ root, video, jump, play }) {
  const position = Number(root.dataset.position);
  const length = Number(root.dataset.duration);
  if (position < 5 || position > length - 5) return;
  const chip = root.querySelector("[data-resume]");
  chip.querySelector("[data-resume-time]").textContent = format(position);
  chip.hidden = false;
  const hide = () => (chip.hidden = true);
  chip.querySelector("[data-action=resume]").addEventListener("click", () => {
    jump(position);
    hide();
    play();
  });
  video.addEventListener("play", hide, { once: true });
}

// Hides the lines of the transcript without the word.
function wireSearch() {
  const box = document.querySelector("[data-cue-search]");
  if (!box) return;
  const lines = [...document.querySelectorAll("[data-cue]")];
  const told = document.querySelector("[data-cue-count]");
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    const found = lines.filter((line) => {
      const isFound = line.textContent.toLowerCase().includes(wanted);
      line.parentElement.hidden = !isFound;
      return isFound;
    });
    const count = found.length === 1 ? "1 line" : `${found.length} lines`;
    told.textContent = wanted ? count : "";
  });
}

// A question within the video pauses it; its form, below, takes the focus.
function wireQuestions({ root, video, play }) {
  let previous = 0;
  const isDue = (card, now) => {
    const moment = Number(card.dataset.moment);
    return previous < moment && moment <= now && !("asked" in card.dataset);
  };
  video.addEventListener("timeupdate", () => {
    const now = video.currentTime;
    // An answered question has no moment any more.
    const due = [...document.querySelectorAll("[data-moment]")].find((card) => isDue(card, now));
    previous = now;
    if (!due) return;
    due.dataset.asked = "";
    video.pause();
    if (document.fullscreenElement) document.exitFullscreen();
    due.scrollIntoView({ block: "center" });
    due.querySelector("input")?.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-go-on]")) return;
    root.scrollIntoView({ block: "center" });
    play();
  });
}

wireSearch();
const root = document.querySelector("[data-player]");
if (root) {
  const media = await openMedia(root);
  const player = wirePlayer(root, media);
  root.media = media; // the notes seek in it too, whoever plays it
  root.dispatchEvent(new Event("media"));
  wireTranscript(player);
  wireQuestions(player);
  if (root.dataset.saveUrl) wireProgress(player);
}
