// Notes of a lesson: saved while somebody types, and kept on this device until the
// server has them. Without this file the form and its buttons work as ordinary ones.

const SAVE_MILLISECONDS = 1500;
const RETRY_MILLISECONDS = 30000;
const SAVED = "Saved";
const NOT_SAVED = "Not saved. We will try again";
const LOGGED_OUT = "Not saved. You are logged out; the note is kept on this device";

function makeUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function format(seconds) {
  const whole = Math.floor(seconds || 0);
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

function parse(moment) {
  return moment.split(":").reduce((total, part) => total * 60 + Number(part), 0);
}

// A moment that is still being typed is not sent: the server would refuse it.
const isReady = ({ text, moment }) => (text || moment) && /^[\d:]*$/.test(moment);
const isSame = (one, other) => one?.text === other.text && one?.moment === other.moment;

// What the server has not acknowledged yet, by the number of the note. Each tab reads
// and writes the same place.
class Outbox {
  constructor(user) {
    this.key = `notes:${user}`;
    this.memory = null;
  }

  read() {
    if (this.memory) return this.memory;
    try {
      return JSON.parse(localStorage.getItem(this.key)) || {};
    } catch {
      return {};
    }
  }

  write(notes) {
    try {
      if (Object.keys(notes).length) localStorage.setItem(this.key, JSON.stringify(notes));
      else localStorage.removeItem(this.key);
    } catch {
      // Private windows may refuse storage: then the notes wait as long as the page.
      this.memory = notes;
    }
  }

  get(uuid) {
    return this.read()[uuid];
  }

  put(uuid, note) {
    this.write({ ...this.read(), [uuid]: note });
  }

  drop(uuid) {
    const { [uuid]: gone, ...others } = this.read();
    if (gone) this.write(others);
    return gone;
  }
}

function wireSaving(root) {
  const { user, csrf, saveUrl } = root.dataset;
  const outbox = new Outbox(user);
  let queue = Promise.resolve();
  let tell = () => {};

  async function send(uuid) {
    const note = outbox.get(uuid);
    if (!note || note.error) return;
    const { course, lesson, text, moment } = note;
    const fields = { csrfmiddlewaretoken: csrf, uuid, course, lesson, text, moment };
    try {
      const response = await fetch(saveUrl, {
        method: "POST",
        body: new URLSearchParams(fields),
        keepalive: true,
        headers: { Accept: "application/json" },
      });
      await hear(uuid, note, response);
    } catch {
      tell(uuid, NOT_SAVED, "warn");
    }
  }

  async function hear(uuid, note, response) {
    const isNewest = isSame(outbox.get(uuid), note);
    if (response.ok) {
      if (isNewest) outbox.drop(uuid);
      if (isNewest) tell(uuid, SAVED, "ok");
    } else if ([400, 404, 409].includes(response.status)) {
      // The words are refused, and would be again: they wait until they are changed.
      const { error } = await response.json();
      if (isNewest) outbox.put(uuid, { ...note, error });
      tell(uuid, error, "bad");
    } else {
      tell(uuid, [401, 403].includes(response.status) ? LOGGED_OUT : NOT_SAVED, "warn");
    }
  }

  // One after the other, so that older words never arrive behind newer ones.
  function flush() {
    for (const uuid of Object.keys(outbox.read())) queue = queue.then(() => send(uuid));
    return queue;
  }

  window.addEventListener("online", flush);
  window.addEventListener("pagehide", flush);
  setInterval(flush, RETRY_MILLISECONDS);
  return { outbox, flush, onResult: (hearer) => (tell = hearer) };
}

function paint(badge, text, tone) {
  badge.hidden = !text;
  badge.className = `c-badge c-badge--${tone}`;
  if (badge.textContent !== text) badge.textContent = text;
}

// The list of the notes that stand on this page.
class List {
  constructor(root) {
    this.root = root;
    this.template = root.querySelector("[data-note-template]");
  }

  find(uuid) {
    return this.root.querySelector(`[data-note="${uuid}"]`);
  }

  read(item) {
    return {
      text: item.querySelector("[data-note-text]").textContent,
      moment: item.querySelector("[data-note-moment]:not([hidden])")?.dataset.noteMoment ?? "",
    };
  }

  // Shows the words of a note, in its old place or as a new line.
  show(uuid, { text, moment }) {
    const old = this.find(uuid);
    const item = this.build(uuid);
    item.querySelector("[data-note-text]").textContent = text;
    item.querySelector("[data-note-bookmark]").hidden = Boolean(text);
    const link = item.querySelector("[data-note-moment]");
    link.hidden = !moment;
    link.dataset.noteMoment = moment;
    item.querySelector("[data-note-time]").textContent = moment;
    if (link.href) link.hash = `t=${parse(moment)}`;
    if (old) old.replaceWith(item);
    else this.root.querySelector("[data-note-list]").append(item);
    return item;
  }

  build(uuid) {
    const blank = this.template.dataset.noteTemplate;
    const item = this.template.content.firstElementChild.cloneNode(true);
    for (const element of [item, ...item.querySelectorAll("*")]) {
      for (const { name, value } of [...element.attributes]) {
        if (value.includes(blank)) element.setAttribute(name, value.replace(blank, uuid));
      }
    }
    return item;
  }

  tell(uuid, text, tone) {
    const badge = this.find(uuid)?.querySelector("[data-note-state]");
    if (badge) paint(badge, text === SAVED ? "" : text, tone);
  }
}

function wireForm({ root, list, saving, video }) {
  const form = root.querySelector("[data-note-form]");
  const { uuid, text, moment } = form.elements;
  const status = form.querySelector("[data-note-status]");
  const { course, lesson } = root.dataset;
  let timer = 0;
  let shown = "";
  let isBegun = false;

  const written = () => ({
    course,
    lesson,
    text: text.value.trim(),
    moment: moment?.value.trim() ?? "",
  });

  function keep(number, note) {
    clearTimeout(timer);
    if (!isReady(note)) return false;
    shown = number;
    saving.outbox.put(number, note);
    return true;
  }

  function begin(number, note, isOld) {
    uuid.value = number;
    text.value = note.text;
    if (moment) moment.value = note.moment;
    isBegun = isOld;
  }

  // The first word of a note stands at the moment that is being watched.
  function mark() {
    if (!isBegun && moment && !moment.value && video()?.currentTime > 0) {
      moment.value = format(video().currentTime);
    }
    isBegun = true;
  }

  function type(event) {
    if (event.target === text) mark();
    clearTimeout(timer);
    if (!keep(uuid.value, written())) return;
    paint(status, "", "ok");
    timer = setTimeout(saving.flush, SAVE_MILLISECONDS);
  }

  function add(number, note) {
    if (!keep(number, note)) return;
    list.show(number, note);
    saving.flush();
  }

  function submit(event) {
    const note = written();
    // The server says what is missing, and a page of one note leads back by itself.
    if (!isReady(note) || form.dataset.noteForm) return;
    event.preventDefault();
    add(uuid.value, note);
    begin(makeUuid(), { text: "", moment: "" }, false);
    text.focus();
  }

  function edit(item) {
    saving.flush();
    begin(item.dataset.note, list.read(item), true);
    form.scrollIntoView({ block: "center" });
    text.focus();
  }

  form.addEventListener("input", type);
  form.addEventListener("submit", submit);
  form.querySelector("[data-note-mark]")?.addEventListener("click", () => {
    add(makeUuid(), { course, lesson, text: "", moment: format(video()?.currentTime) });
  });
  if (form.dataset.noteForm) isBegun = true;
  return {
    edit,
    tell: (number, words, tone) => number === shown && paint(status, words, tone),
  };
}

function wireDeleting(root, saving) {
  const { csrf } = root.dataset;
  const removed = new Map();

  async function post(url) {
    const response = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ csrfmiddlewaretoken: csrf }),
      headers: { Accept: "application/json" },
    });
    // What never reached the server is deleted on this device alone.
    if (!response.ok && response.status !== 404) throw new Error(response.status);
  }

  function turn(item, isGone) {
    item.querySelector("[data-note-body]").hidden = isGone;
    item.querySelector("[data-note-gone]").hidden = !isGone;
    item.querySelector(isGone ? "[data-note-undo]" : "[data-note-edit]").focus();
  }

  async function change(item, url, isGone) {
    try {
      await post(url);
    } catch {
      const badge = item.querySelector("[data-note-state]");
      paint(badge, "Nothing was changed. Try again when you are online", "warn");
      return false;
    }
    turn(item, isGone);
    return true;
  }

  root.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-note-delete]")) return;
    event.preventDefault();
    const item = event.target.closest("[data-note]");
    const uuid = item.dataset.note;
    const waiting = saving.outbox.drop(uuid);
    if (await change(item, event.target.action, true)) removed.set(uuid, waiting);
    else if (waiting) saving.outbox.put(uuid, waiting);
  });
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-note-undo]");
    if (!button) return;
    const item = button.closest("[data-note]");
    if (!(await change(item, button.dataset.noteUndo, false))) return;
    const waiting = removed.get(item.dataset.note);
    if (waiting) saving.outbox.put(item.dataset.note, waiting);
    saving.flush();
  });
}

function wireMoments(root, video) {
  function seek(seconds) {
    video().currentTime = seconds;
    document.querySelector("[data-player]").scrollIntoView({ block: "nearest" });
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-note-moment]");
    if (!link || !video()) return;
    event.preventDefault();
    seek(parse(link.dataset.noteMoment));
    video().play()?.catch?.(() => {}); // the player says what is wrong
  });
  const asked = /^#t=(\d+)$/.exec(location.hash);
  if (!asked) return;
  const begin = () => seek(Number(asked[1]));
  if (video()) begin();
  else document.querySelector("[data-player]")?.addEventListener("media", begin, { once: true });
}

// What waits since an earlier visit stands in the list again.
function showWaiting(root, list, saving) {
  const { course, lesson } = root.dataset;
  for (const [uuid, note] of Object.entries(saving.outbox.read())) {
    if (note.course !== course || note.lesson !== lesson) continue;
    list.show(uuid, note);
    list.tell(uuid, note.error ?? NOT_SAVED, note.error ? "bad" : "warn");
  }
}

const root = document.querySelector("[data-notes]");
if (root) {
  // What plays a video at a host is there once the player has opened it.
  const video = () => {
    const player = document.querySelector("[data-player]");
    return player?.media ?? player?.querySelector("video");
  };
  const saving = wireSaving(root);
  const list = new List(root);
  wireDeleting(root, saving);
  wireMoments(root, video);
  if (root.querySelector("[data-note-form]")) {
    const form = wireForm({ root, list, saving, video });
    saving.onResult((uuid, text, tone) => {
      form.tell(uuid, text, tone);
      list.tell(uuid, text, tone);
    });
    if (list.template) {
      showWaiting(root, list, saving);
      root.addEventListener("click", (event) => {
        const link = event.target.closest("[data-note-edit]");
        if (!link) return;
        event.preventDefault();
        form.edit(link.closest("[data-note]"));
      });
    }
  }
  saving.flush();
}
